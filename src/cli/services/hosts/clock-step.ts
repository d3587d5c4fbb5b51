import type { Executor } from '@etcdperf/core/ssh';
import type { ChronyPlan } from './chrony-config.ts';
import { PREPARE, parsePrepared } from './prepare-script.ts';
import type { StepResult } from './step.ts';

/** Configures chrony, sees that it runs, and waits until it follows a source and the clock is right. */
const CHRONY = `${PREPARE}
config=$1 limit=$2 patience=$3
conf=/etc/chrony/chrony.conf; [ -d /etc/chrony ] || conf=/etc/chrony.conf

start() {
  if has_systemd; then
    unit=$(chronyd_unit)
    why=$({ systemctl enable "$unit" && systemctl restart "$unit"; } 2>&1) || { failed "$unit does not start: $why"; return 1; }
  else
    stop_chronyd
    chronyd >"$record/chronyd.out" 2>&1 || { failed "chronyd does not start: $(tail -n 1 "$record/chronyd.out")"; return 1; }
    rm -f "$record/chronyd.out"
  fi
}

# Sets distance (seconds, no sign) and bar (the error bar that chrony itself has); fails while it follows nothing.
look() {
  distance='' bar=''
  line=$(chronyc -c tracking 2>/dev/null) || return 1
  case $line in *,'Not synchronised' | *,) return 1 ;; esac
  distance=$(echo "$line" | cut -d, -f5 | tr -d -)
  bar=$(echo "$line" | awk -F, '{ print $12 + $11 / 2 }')
}
# Seconds that no step of the clock changes.
uptime_now() { cut -d. -f1 /proc/uptime; }
within() { awk "BEGIN { exit !($1 <= $limit) }"; }

running=$(chronyd_pids)
if [ "$mode" = apply ]; then
  remember chronyd.was "$(if [ -n "$running" ]; then echo running; else echo stopped; fi)" || exit 0
  if has_systemd; then remember chronyd.enabled "$(systemctl is-enabled "$(chronyd_unit)" 2>/dev/null)" || exit 0; fi
  for each in /run/chrony /var/lib/chrony/chrony.drift; do
    [ -e "$each" ] || remember "made$(echo "$each" | tr / %)" "$each" || exit 0
  done
fi
differed=no
if [ -n "$config" ]; then install_file "$conf" "$config" || exit 0; fi
if [ "$differed" = yes ] || [ -z "$running" ]; then
  if [ -z "$running" ]; then changed 'chronyd started'; else changed 'chronyd restarted'; fi
  [ "$mode" = apply ] || exit 0
  start || exit 0
fi
[ "$mode" = apply ] || exit 0

distance='' stepped=no
end=$(($(uptime_now) + patience))
while [ "$(uptime_now)" -lt "$end" ]; do
  if look; then
    # The first samples say little: it is waited for a bar that the limit can be held against.
    if within "$distance" && within "$bar"; then exit 0; fi
    # Still off: step now. Nothing has been started yet that a step could falsify.
    if [ "$stepped" = no ] && within "$bar" && chronyc makestep >/dev/null 2>&1; then stepped=yes; changed 'clock stepped'; fi
  fi
  sleep 0.25 2>/dev/null || sleep 1
done
if [ -z "$distance" ]; then
  failed "follows no source: $(chronyc -n sources 2>/dev/null | awk '/^[\\^=#][-*+?x~ ]/ { printf "%s%s %s", sep, $2, ($5 == 0 ? "unreachable" : "heard"); sep = ", " }')"
elif within "$distance"; then note 'its error bar is still wide'
else failed "still $distance s off its source"
fi
`;

/** Where there is no chrony: set once from the servers. */
const STEP_BY_NTP = `${PREPARE}
[ "$mode" = apply ] || { changed 'set by ntpdate or sntp'; exit 0; }
if command -v ntpdate >/dev/null; then out=$(ntpdate -b -u "$@" 2>&1)
else out=$(sntp -S "$@" 2>&1)
fi && changed 'set once: without chrony it drifts' || failed "$(echo "$out" | tail -n 1)"
`;

/** Chrony gets this long to follow a source; its first four questions take six seconds. */
const WAIT_SECONDS = 60;

export interface ClockStepOptions {
  readonly mode: 'plan' | 'apply';
  readonly record: string;
  readonly maxOffsetMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Sets a host's chrony up, or leaves its own configuration where there is no plan; waits for a right clock. */
export async function setUpChrony(
  executor: Executor,
  plan: ChronyPlan | undefined,
  options: ClockStepOptions,
): Promise<StepResult> {
  const { mode, record, maxOffsetMs, signal } = options;
  const args = [mode, record, plan?.config ?? '', String(maxOffsetMs / 1000), String(WAIT_SECONDS)];
  return parsePrepared('clock', await executor.script(CHRONY, args, { signal }), 'chrony follows its source');
}

/** Sets the clock once from NTP servers, on a host that has only ntpdate or sntp. */
export async function setByNtp(
  executor: Executor,
  servers: readonly string[],
  options: Pick<ClockStepOptions, 'mode' | 'record' | 'signal'>,
): Promise<StepResult> {
  const { mode, record, signal } = options;
  return parsePrepared('clock', await executor.script(STEP_BY_NTP, [mode, record, ...servers], { signal }), '');
}

const STEP_NOW = `
PATH=$PATH:/usr/sbin:/sbin
if chronyc tracking >/dev/null 2>&1; then exec chronyc makestep
elif [ $# -eq 0 ]; then echo 'no chrony, and the inventory names no time servers' >&2; exit 1
elif command -v ntpdate >/dev/null; then exec ntpdate -b -u "$@"
elif command -v sntp >/dev/null; then exec sntp -S "$@"
else echo 'neither chrony nor ntpdate nor sntp' >&2; exit 1
fi
`;

/** Steps a host's clock now. Returns why it couldn't, or undefined. Needs root. */
export async function stepClock(
  executor: Executor,
  servers: readonly string[],
  signal?: AbortSignal,
): Promise<string | undefined> {
  const result = await executor.script(STEP_NOW, servers, { signal });
  if (result.code === 0 && !/^(?:50\d|51\d) /.test(result.stdout.replace(/^200 OK/, ''))) return undefined;
  return (result.stderr.trim() || result.stdout.trim()).split('\n').at(-1) || `ended with ${result.code}`;
}
