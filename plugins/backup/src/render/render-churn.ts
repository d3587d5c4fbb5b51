import { renderTable } from '@etcdperf/core/cli';
import { keyText } from '../services/key-text.ts';
import type { ChurningKey } from '../services/summary/key-churn.ts';
import type { ChurnResult } from '../services/summary/measure-churn.ts';

/** What was written between two moments, and to which keys. */
export function renderChurn(churn: ChurnResult): string {
  switch (churn.kind) {
    case 'interrupted':
      return 'churn: interrupted before its time was over';
    case 'failed':
      return `churn: not measured: ${churn.message}`;
    case 'measured':
      break;
    default:
      return churn satisfies never;
  }
  const { seconds, fromRevision, toRevision, created, changed, deleted, recreated, keys } = churn;
  const head =
    `churn within ${seconds.toFixed(1)} s, revisions ${fromRevision} to ${toRevision} (${perSec(churn.revisionsPerSec)} of ` +
    `all keys): ${created} keys created, ${changed} changed, ${deleted} deleted, ${recreated} deleted and created again; ` +
    `${perSec(churn.writesPerSec)} writes`;
  if (keys.length === 0) return head;
  const table = renderTable<ChurningKey>(
    [
      {
        title: 'key',
        value: (one) => keyText('key' in one ? Buffer.from(one.key) : Buffer.from(one.keyBase64, 'base64')),
      },
      { title: 'writes/s', align: 'right', value: ({ writesPerSec }) => digits(writesPerSec) },
      { title: 'writes', align: 'right', value: ({ writes }) => writes },
      { title: 'was', value: ({ fate }) => fate },
    ],
    keys,
  );
  return `${head}\n${table}`;
}

function perSec(count: number): string {
  return `${digits(count)}/s`;
}

function digits(value: number): string {
  return value >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
