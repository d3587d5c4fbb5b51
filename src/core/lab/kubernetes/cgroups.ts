import { createHash } from 'node:crypto';
import { access } from 'node:fs/promises';
import { OperationError } from '../../errors/index.ts';
import { runTool } from '../run-tool.ts';
import { until } from '../until.ts';

/** The name of a lab's cgroup, the same in every hierarchy: it is found again when the lab's folder is gone. */
export function labCgroup(dir: string): string {
  return `etcdperf-lab-${createHash('sha256').update(dir).digest('hex').slice(0, 12)}`;
}

const REMOVE = `for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/*; do
  [ ! -d "$hierarchy/$1" ] || find "$hierarchy/$1" -depth -type d -exec rmdir {} + || exit 1
done`;

/** Removes what cgroups a lab had, once its processes are gone: the kernel lets go of them a little later. */
export async function removeCgroups(dir: string): Promise<void> {
  const cgroup = labCgroup(dir);
  if (!(await exists('/sys/fs/cgroup'))) return;
  let said = '';
  const gone = await until(
    async () => {
      const { code, stderr } = await runTool(['sh', '-c', REMOVE, 'sh', cgroup]);
      said = stderr;
      return code === 0;
    },
    20_000,
    100,
  );
  if (!gone) throw new OperationError(`cgroups that can't be removed: ${said.trim()}`, { where: cgroup });
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
