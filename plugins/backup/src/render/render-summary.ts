import { type Column, renderTable } from '@etcdperf/core/cli';
import { formatSize } from '@etcdperf/core/stats';
import type { KeyJson } from '../services/key-json.ts';
import { keyText } from '../services/key-text.ts';
import type { KeyTotals } from '../services/summary/key-totals.ts';
import type { KindTotals } from '../services/summary/kind-totals.ts';
import type { TopKey } from '../services/summary/summarize-contents.ts';
import type { SummaryReport, TreeJson } from '../services/summary/summary-report.ts';
import { renderChurn } from './render-churn.ts';
import { renderDatabase } from './render-database.ts';

/** What fills the database, as a tree, by type, and the keys that stand out. */
export function renderSummary(report: SummaryReport, htmlPath: string | undefined): string {
  const { tree, kinds, largest, mostVersions, churn, totals } = report;
  return [
    summaryLines(report).join('\n'),
    renderTable(treeColumns(totals), treeRows(tree, 0)),
    ...(kinds.length === 0 ? [] : [renderTable(kindColumns(totals), kinds.slice(0, 30))]),
    ...(largest.length === 0 ? [] : [`largest values\n${renderTable(TOP_COLUMNS, largest)}`]),
    ...(mostVersions.length === 0 ? [] : [`most versions\n${renderTable(TOP_COLUMNS, mostVersions)}`]),
    ...(churn === undefined ? [] : [renderChurn(churn)]),
    ...(htmlPath === undefined ? [] : [`to explore: ${htmlPath}`]),
  ].join('\n\n');
}

/** What it comes to, and how much of the database that is. */
export function summaryLines(report: SummaryReport): string[] {
  const { name, revision, clusterId, prefixes, totals, leases, database, notes } = report;
  const at = [
    ...(revision === undefined ? [] : [`at revision ${revision}`]),
    ...(clusterId === undefined ? [] : [`cluster ${clusterId}`]),
  ];
  return [
    [name, ...at].join(', '),
    `${totals.keys} keys${prefixes.length === 0 ? '' : ` below ${prefixes.join(', ')}`}, ${bytesText(totals)}`,
    `${totals.versions} versions (${perKey(totals)} per key); ${totals.leased} keys with ` +
      `${leases.isAtLeast ? 'more than ' : ''}${leases.count} leases`,
    ...(database === undefined ? [] : renderDatabase(database, totals)),
    ...notes.map((note) => `note: ${note}`),
  ];
}

function bytesText(totals: KeyTotals): string {
  const { keys, bytes, valueBytes, unsized } = totals;
  if (keys > 0 && keys === unsized) return `${formatSize(bytes)} without their values`;
  return (
    `${formatSize(bytes)}; values: ${formatSize(valueBytes)}, mean ${meanValue(totals)}, ` +
    `largest ${largestValue(totals)}`
  );
}

interface TreeRow {
  readonly text: string;
  readonly totals: KeyTotals;
}

function treeRows(node: TreeJson, level: number): TreeRow[] {
  const indent = '  '.repeat(level);
  const { others } = node;
  return [
    {
      text: `${indent}${node.name === '' ? (level === 0 ? 'all keys' : '(the prefix itself)') : node.name}`,
      totals: node,
    },
    ...node.children.flatMap((child) => treeRows(child, level + 1)),
    // Where nothing stands out there is nothing beside it.
    ...(others === undefined || node.children.length === 0
      ? []
      : [{ text: `${indent}  ${others.branches === 1 ? '1 other' : `${others.branches} others`}`, totals: others }]),
  ];
}

function treeColumns(whole: KeyTotals): Column<TreeRow>[] {
  return [{ title: 'prefix', value: ({ text }) => text }, ...totalsColumns<TreeRow>(whole, ({ totals }) => totals)];
}

function kindColumns(whole: KeyTotals): Column<KindTotals>[] {
  return [
    { title: 'kind', value: ({ kind }) => keyText(Buffer.from(kind)) },
    { title: 'api version', value: ({ apiVersion }) => keyText(Buffer.from(apiVersion)) },
    ...totalsColumns<KindTotals>(whole, ({ totals }) => totals),
  ];
}

function totalsColumns<Row>(whole: KeyTotals, of: (row: Row) => KeyTotals): Column<Row>[] {
  const column = (title: string, value: (totals: KeyTotals) => string | number): Column<Row> => ({
    title,
    align: 'right',
    value: (row) => value(of(row)),
  });
  return [
    column('keys', ({ keys }) => keys),
    column('bytes', ({ bytes }) => formatSize(bytes)),
    column('share', ({ bytes }) => (whole.bytes === 0 ? '–' : `${((bytes / whole.bytes) * 100).toFixed(1)}%`)),
    column('mean value', meanValue),
    column('largest', largestValue),
    column('versions', ({ versions }) => versions),
    column('per key', perKey),
    column('leased', ({ leased }) => leased),
  ];
}

const TOP_COLUMNS: readonly Column<TopKey>[] = [
  { title: 'key', value: keyName },
  { title: 'value', align: 'right', value: ({ valueSize }) => (valueSize === undefined ? '–' : formatSize(valueSize)) },
  { title: 'version', align: 'right', value: ({ version }) => version },
  { title: 'created at', align: 'right', value: ({ createRevision }) => createRevision },
  { title: 'modified at', align: 'right', value: ({ modRevision }) => modRevision },
];

function keyName(key: KeyJson): string {
  return keyText('key' in key ? Buffer.from(key.key) : Buffer.from(key.keyBase64, 'base64'));
}

function meanValue({ keys, unsized, valueBytes }: KeyTotals): string {
  return keys === unsized ? '–' : formatSize(Math.round(valueBytes / (keys - unsized)));
}

function largestValue({ keys, unsized, largestValueBytes }: KeyTotals): string {
  return keys === unsized ? '–' : formatSize(largestValueBytes);
}

function perKey({ keys, versions }: KeyTotals): string {
  return keys === 0 ? '–' : (versions / keys).toFixed(1);
}
