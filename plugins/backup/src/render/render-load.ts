import { renderErrors } from '@etcdperf/core/cli';
import { formatSize } from '@etcdperf/core/stats';
import type { LoadResult } from '../services/load/load-result.ts';

/** How far a load came, and how to go on. */
export function renderLoad(result: LoadResult): string {
  const { file, endpoints, runFolder, resumeWith, load } = result;
  return [
    [`${file} into ${endpoints.join(', ')}`, ...endingLines(result), putLine(result), ...leaseLines(result)].join('\n'),
    renderErrors(load),
    load.generator.verdict === undefined ? '' : `note: ${load.generator.verdict}`,
    [`run: ${runFolder}`, ...(resumeWith === undefined ? [] : [`go on with: ${resumeWith}`])].join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function endingLines({ ending, dumpKeys, dumpKeysDone }: LoadResult): string[] {
  const howFar = `after ${dumpKeysDone}${dumpKeys === undefined ? '' : ` of ${dumpKeys}`} keys of the dump`;
  switch (ending.kind) {
    case 'complete':
      return [`complete: ${dumpKeysDone} keys of the dump are dealt with`];
    case 'interrupted':
      return [`interrupted ${howFar}`];
    case 'stopped':
      return [`stopped ${howFar}: ${ending.reason}${ending.hint === undefined ? '' : ` (${ending.hint})`}`];
    default:
      return ending satisfies never;
  }
}

function putLine({ keys, bytes, there, durationMs, keysPerSec, retries, resumedAfter }: LoadResult): string {
  const parts = [
    `${keys - (there ?? 0)} keys put`,
    there === undefined ? '' : `, ${there} were there`,
    ` (${formatSize(bytes)}) in ${(durationMs / 1000).toFixed(1)} s, ${keysPerSec} keys/s`,
    resumedAfter === undefined ? '' : `; ${resumedAfter} before`,
    retries === 0 ? '' : `; ${retries} transactions were sent again`,
  ];
  return parts.join('');
}

function leaseLines({ leases, leasePolicy }: LoadResult): string[] {
  if (leases === undefined) return leasePolicy === 'drop' ? ['leases dropped'] : [];
  const { granted, raised, found, gone } = leases;
  return [
    granted > 0 &&
      `${granted} leases granted again${raised > 0 ? `; etcd gave ${raised} of them more time than they had left` : ''}`,
    found > 0 && `${found} leases were there already: their keys are attached to them`,
    gone > 0 && `${gone} leases were gone when they were dumped: their keys are put without`,
  ].filter((line) => line !== false);
}
