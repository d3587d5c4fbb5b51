import type { RunResult } from '@etcdperf/core/ssh';
import type { StepName, StepResult } from './step.ts';

/**
 * The beginning of every script that prepares a host (POSIX sh): `$1` is `plan` (touch nothing) or `apply`, `$2` the
 * folder in which is recorded how things were before. Every line that a script prints says what it is: `changed …`,
 * `note …`, `failed …`, `diff …`.
 */
export const PREPARE = `
set -u
umask 022
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
mode=$1 record=$2; shift 2

changed() { echo "changed $*"; }
note() { echo "note $*"; }
failed() { echo "failed $*"; }

# Why a file could not be written, in the system's own words.
write() { # path content
  part=$1.etcdperf-$$
  if why=$({ printf '%s' "$2" >"$part" && chmod 644 "$part" && mv -f "$part" "$1"; } 2>&1); then return 0; fi
  rm -f "$part"
  failed "cannot write $1: \${why##*: }"
  return 1
}

# The first time only: what was there before us.
keep() { # path
  kept=$record/before/$(echo "$1" | tr / %)
  if [ -e "$kept" ] || [ -e "$kept.none" ]; then return 0; fi
  if why=$({
    mkdir -p "$record/before" && chmod 700 "$record" &&
      if [ -e "$1" ]; then cp -p "$1" "$kept.part" && mv "$kept.part" "$kept"; else : >"$kept.none"; fi
  } 2>&1); then return 0; fi
  failed "cannot keep a copy of $1: \${why##*: }"
  return 1
}

remember() { # name value: once
  [ ! -e "$record/$1" ] || return 0
  if why=$({ mkdir -p "$record" && chmod 700 "$record" && echo "$2" >"$record/$1.part" && mv "$record/$1.part" "$record/$1"; } 2>&1); then return 0; fi
  failed "cannot write to $record: \${why##*: }"
  return 1
}

# Returns 0 when the file has the content (then), 1 when it could not be had, sets \`differed\`.
install_file() { # path content
  differed=no
  if [ -f "$1" ] && [ "$(cat "$1"; echo .)" = "$2." ]; then return 0; fi
  differed=yes
  changed "$1"
  if [ "$mode" = plan ]; then
    old=$1; [ -e "$old" ] || old=/dev/null
    printf '%s' "$2" | diff -u "$old" - 2>/dev/null | sed "1s|.*|--- $old|; 2s|.*|+++ $1|; s/^/diff /"
    return 0
  fi
  keep "$1" || return 1
  why=$(mkdir -p "\${1%/*}" 2>&1) || { failed "cannot make \${1%/*}: \${why##*: }"; return 1; }
  write "$1" "$2"
}

remove_file() { # path
  [ -e "$1" ] || return 0
  changed "$1 removed"
  [ "$mode" = plan ] || rm -f "$1"
}

has_systemd() { [ -d /run/systemd/system ]; }

# chronyd of this host: not one in a container below it.
chronyd_pids() {
  mine=$(readlink /proc/self/ns/pid)
  for each in /proc/[0-9]*; do
    { read -r comm <"$each/comm"; } 2>/dev/null || continue
    case $comm in chronyd*) [ "$(readlink "$each/ns/pid" 2>/dev/null)" != "$mine" ] || echo "\${each#/proc/}" ;; esac
  done
}

stop_chronyd() {
  for pid in $(chronyd_pids); do kill "$pid" 2>/dev/null; done
  tries=0
  while [ -n "$(chronyd_pids)" ] && [ "$tries" -lt 200 ]; do sleep 0.05 2>/dev/null || sleep 1; tries=$((tries + 1)); done
}

chronyd_unit() { if systemctl cat chronyd.service >/dev/null 2>&1; then echo chronyd; else echo chrony; fi; }
`;

/** Reads what a script that begins with PREPARE printed. `whenSame` is the detail of a step that found all as it should be. */
export function parsePrepared(step: StepName, result: RunResult, whenSame: string): StepResult {
  const said = (kind: string) =>
    result.stdout
      .split('\n')
      .filter((line) => line.startsWith(`${kind} `))
      .map((line) => line.slice(kind.length + 1));
  const [changed, notes, failed, diff] = ['changed', 'note', 'failed', 'diff'].map(said) as string[][];
  const shown = diff?.length ? { diff: diff.join('\n') } : {};
  const died = result.code === 0 ? [] : [result.stderr.trim().split('\n').at(-1) || `the shell ended: ${result.code}`];
  const problems = [...(failed ?? []), ...died];
  const [status, main] =
    problems.length > 0
      ? (['failed', problems] as const)
      : changed?.length
        ? (['changed', changed] as const)
        : (['ok', whenSame ? [whenSame] : []] as const);
  return { step, status, detail: [...main, ...(notes ?? [])].join('; '), ...shown };
}
