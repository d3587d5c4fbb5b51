import type { ClusterErrors } from '../services/errors/errors-report.ts';
import type { GroundVerdict } from '../services/errors/judge-ground.ts';

/** One sentence for a person who wants to know where to look next. */
export function renderGroundVerdict(verdict: GroundVerdict, clusters: readonly ClusterErrors[]): string {
  const [one = '', other = ''] = clusters.map(({ cluster }) => cluster);
  switch (verdict.kind) {
    case 'unknown':
      return `no log of ${verdict.cluster} could be read: nothing can be said about the ground under both`;
    case 'quiet':
      return 'neither cluster struggled with its disks, network or hosts';
    case 'alone': {
      const quiet = verdict.cluster === one ? other : one;
      const minutes = Math.max(...verdict.troubled);
      return `only ${verdict.cluster} struggled, in ${minutesOf(minutes)}; ${quiet} did not: look at ${verdict.cluster} itself, its load, disks and members`;
    }
    case 'together': {
      const fewer = Math.min(...verdict.troubled);
      return `both struggled in the same minutes (${verdict.shared} of ${fewer}): look at the ground under both, disks, network and hosts that they share`;
    }
    case 'apart':
      return `both struggled, each at times of its own (${one} in ${minutesOf(verdict.troubled[0])}, ${other} in ${minutesOf(verdict.troubled[1])}, ${verdict.shared} shared, of ${verdict.windowMinutes}): nothing points at the ground under both`;
    case 'throughout':
      return `both struggled nearly all the time (${one} in ${minutesOf(verdict.troubled[0])}, ${other} in ${minutesOf(verdict.troubled[1])}, of ${verdict.windowMinutes}): the same minutes say nothing; a longer window, with a calm time in it, would`;
    default:
      return verdict satisfies never;
  }
}

function minutesOf(count: number): string {
  return count === 1 ? '1 minute' : `${count} minutes`;
}
