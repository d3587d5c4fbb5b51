import type { LimitsConfig } from '@etcdperf/core/config';
import { removeDaemon, startDaemon } from '@etcdperf/core/daemon';
import type { Executor } from '@etcdperf/core/ssh';
import { PREPARE, parsePrepared } from './prepare-script.ts';
import type { StepResult } from './step.ts';

/**
 * Limits for logins (limits.d) and for services (systemd), at least as asked. A limit that this host can't grant is not written as asked:
 * pam_limits would then refuse every login.
 */
const LIMITS = `${PREPARE}
nofile=$1 nproc=$2

soft_of() { sed -n "s/^$1 *\\([^ ]*\\) .*/\\1/p" /proc/self/limits; }
hard_of() { sed -n "s/^$1 *[^ ]* *\\([^ ]*\\).*/\\1/p" /proc/self/limits; }
more() { if [ "$1" = unlimited ] || { [ "$2" != unlimited ] && [ "$1" -ge "$2" ]; }; then echo "$1"; else echo "$2"; fi; }
reach() { # option, name in /proc, wanted
  if [ "$(more "$(hard_of "$2")" "$3")" = "$(hard_of "$2")" ]; then echo "$3"
  elif command -v prlimit >/dev/null && prlimit "--$1=$3:$3" true 2>/dev/null; then echo "$3"
  else hard_of "$2"
  fi
}
infinity() { if [ "$1" = unlimited ]; then echo infinity; else echo "$1"; fi; }

can_nofile=$(reach nofile 'Max open files' "$nofile") can_nproc=$(reach nproc 'Max processes' "$nproc")
[ "$can_nofile" = "$nofile" ] || note "nofile $can_nofile of $nofile: this host's hard limit can't be raised"
[ "$can_nproc" = "$nproc" ] || note "nproc $can_nproc of $nproc: this host's hard limit can't be raised"
# Raised, never lowered.
soft_nofile=$(more "$can_nofile" "$(soft_of 'Max open files')") hard_nofile=$(more "$can_nofile" "$(hard_of 'Max open files')")
soft_nproc=$(more "$can_nproc" "$(soft_of 'Max processes')") hard_nproc=$(more "$can_nproc" "$(hard_of 'Max processes')")
lines=
for who in '*' root; do
  lines="$lines$who soft nofile $soft_nofile
$who hard nofile $hard_nofile
$who soft nproc $soft_nproc
$who hard nproc $hard_nproc
"
done
install_file /etc/security/limits.d/etcdperf.conf "# Written by etcdperf hosts:init. hosts:reset removes it.
$lines" || exit 0
if has_systemd; then
  install_file /etc/systemd/system.conf.d/etcdperf.conf "# Written by etcdperf hosts:init. hosts:reset removes it.
[Manager]
DefaultLimitNOFILE=$(infinity "$soft_nofile"):$(infinity "$hard_nofile")
DefaultLimitNPROC=$(infinity "$soft_nproc"):$(infinity "$hard_nproc")
" || exit 0
  if [ "$differed" = yes ] && [ "$mode" = apply ]; then systemctl daemon-reexec; fi
fi
`;

const SYSCTLS = `${PREPARE}
file=/etc/sysctl.d/90-etcdperf.conf
plain() { tr -s '[:space:]' ' ' | sed 's/ $//'; }
if [ $# -eq 0 ]; then remove_file "$file"; exit 0; fi
content='# Written by etcdperf hosts:init. hosts:reset removes it.
'
while [ $# -gt 0 ]; do
  key=$1 value=$(printf '%s ' "$2" | plain); shift 2
  content="$content$key = $value
"
  path=/proc/sys/$(printf %s "$key" | tr . /)
  if [ ! -r "$path" ]; then failed "there is no sysctl $key"; continue; fi
  before=$(plain <"$path")
  [ "$before" != "$value" ] || continue
  if [ "$mode" = plan ]; then changed "$key $before -> $value"; echo "diff -$key = $before"; echo "diff +$key = $value"; continue; fi
  remember "sysctl.$key" "$before" || exit 0
  if { printf '%s' "$value" >"$path"; } 2>/dev/null; then changed "$key $before -> $value"
  else failed "$key is $before and can't be set here"
  fi
done
install_file "$file" "$content"
`;

export interface LimitsStepOptions {
  readonly mode: 'plan' | 'apply';
  readonly record: string;
  readonly workDir: string;
  readonly signal?: AbortSignal | undefined;
}

/** Writes the limits, then proves them: what a daemon that asks for them was really granted. */
export async function setLimits(
  executor: Executor,
  limits: LimitsConfig,
  options: LimitsStepOptions,
): Promise<StepResult> {
  const { mode, record, workDir, signal } = options;
  const args = [mode, record, String(limits.nofile), String(limits.nproc)];
  const written = parsePrepared('limits', await executor.script(LIMITS, args, { signal }), '');
  if (mode === 'plan' || written.status === 'failed') return { ...written, detail: written.detail || 'as asked' };
  const name = 'limits-proof';
  const { nofile } = limits;
  const proof = await startDaemon(executor, workDir, { name, argv: ['sleep', '60'], nofile }, { signal });
  await removeDaemon(executor, workDir, name, { graceMs: 0, signal });
  const granted = `a process got nofile ${proof.limits.nofile}, nproc ${proof.limits.nproc}`;
  const later = proof.limits.nproc < limits.nproc && written.status === 'changed' ? ', new logins more' : '';
  return { ...written, detail: [written.detail, granted + later].filter(Boolean).join('; ') };
}

/** Sets kernel settings now and for the next boot; earlier values are kept for reset. */
export async function setSysctls(
  executor: Executor,
  limits: LimitsConfig,
  options: LimitsStepOptions,
): Promise<StepResult> {
  const { mode, record, signal } = options;
  const args = [mode, record, ...Object.entries(limits.sysctls).flat()];
  const whenSame = Object.keys(limits.sysctls).length === 0 ? 'none asked for' : 'as asked';
  return parsePrepared('sysctls', await executor.script(SYSCTLS, args, { signal }), whenSame);
}
