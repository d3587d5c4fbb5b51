/**
 * One process of the control plane, in POSIX sh, run inside the lab's namespaces:
 * `sh component.sh start|kill|pause|resume <lab directory> <component>`. Its command is in `control/<component>.sh`.
 */
export const componentScript = String.raw`
set -eu
verb=$1 dir=$2 name=$3
pid_file=$dir/control/$name.pid
runs() { [ -e "$pid_file" ] && grep -qs '^State:[[:space:]]*[^ZX[:space:]]' "/proc/$(cat "$pid_file")/status"; }
case $verb in
  start)
    if runs; then exit 0; fi
    setsid sh -c 'echo $$ >"$1.new"; mv "$1.new" "$1"; exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root sh -c "exec $(cat "$2")"' sh \
      "$pid_file" "$dir/control/$name.sh" </dev/null >>"$dir/logs/$name.log" 2>&1 3<&- &
    ;;
  kill)
    if ! runs; then exit 0; fi
    kill -KILL "$(cat "$pid_file")"
    while runs; do sleep 0.02; done
    ;;
  pause) kill -STOP "$(cat "$pid_file")" ;;
  resume) kill -CONT "$(cat "$pid_file")" ;;
esac
`;
