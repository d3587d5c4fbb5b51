import { renderTable } from '@etcdperf/core/cli';
import { formatSize } from '@etcdperf/core/stats';
import type { ComparedSide, KindDifferences } from '../services/compare/compare-report.ts';
import type { SourcesReport } from '../services/compare/compare-sources.ts';
import type { DifferenceJson, SideJson } from '../services/compare/difference-json.ts';
import { keyText } from '../services/key-text.ts';

const SIGNS = { added: '+', removed: '-', changed: '~' } satisfies Record<DifferenceJson['kind'], string>;

/** Whether they are the same, how much differs, and the first differences of each sort. */
export function renderCompare(report: SourcesReport): string {
  const { a, b, isSame, same, added, removed, changed, prefixes, notes, outputPath } = report;
  const where = prefixes.length === 0 ? '' : ` below ${prefixes.join(', ')}`;
  const verdict = isSame
    ? `the same: ${same} keys${where}`
    : `different${where}: ${added} added, ${removed} removed, ${changed} changed${changesText(report)}; ${same} the same`;
  return [
    [
      `A  ${sideText(a)}`,
      `B  ${sideText(b)}`,
      verdict,
      ...valuesText(report),
      ...notes.map((note) => `note: ${note}`),
      ...(outputPath === undefined ? [] : [`all differences: ${outputPath}`]),
    ].join('\n'),
    ...kindsText(report.kinds),
    ...(['added', 'removed', 'changed'] as const).flatMap((kind) => {
      const first = report.differences[kind];
      if (first.length === 0) return [];
      const left = report[kind] - first.length;
      return [[...first.flatMap(differenceLines), ...(left > 0 ? [`  … and ${left} more ${kind}`] : [])].join('\n')];
    }),
  ].join('\n\n');
}

function sideText({ name, keys, revision, clusterId }: ComparedSide): string {
  return [
    name,
    `${keys} keys`,
    ...(revision === undefined ? [] : [`revision ${revision}`]),
    ...(clusterId === undefined ? [] : [`cluster ${clusterId}`]),
  ].join(', ');
}

/** In what, where more than values were compared. */
function changesText({ comparedFields, changedFields, changed }: SourcesReport): string {
  if (changed === 0 || comparedFields.length === 1) return '';
  const parts = comparedFields.filter((field) => changedFields[field] > 0);
  return ` (${parts.map((field) => `${field} ${changedFields[field]}`).join(', ')})`;
}

function valuesText({ valuesComparedBy: { sizes, nothing } }: SourcesReport): string[] {
  return [
    ...(sizes === 0
      ? []
      : [`the values of ${sizes} keys could only be compared by their sizes: one side left them out`]),
    ...(nothing === 0 ? [] : [`the values of ${nothing} keys could not be compared: one side left them out`]),
  ];
}

function kindsText(kinds: readonly KindDifferences[]): string[] {
  if (kinds.length === 0) return [];
  return [
    renderTable<KindDifferences>(
      [
        { title: 'kind', value: ({ resource }) => keyText(Buffer.from(resource)) },
        { title: 'api version', value: ({ apiVersion }) => keyText(Buffer.from(apiVersion)) },
        { title: 'added', align: 'right', value: ({ added }) => added },
        { title: 'removed', align: 'right', value: ({ removed }) => removed },
        { title: 'changed', align: 'right', value: ({ changed }) => changed },
      ],
      kinds.slice(0, 20),
    ),
  ];
}

function differenceLines(difference: DifferenceJson): string[] {
  const { kind, key, keyBase64, resource, a, b } = difference;
  const name = keyText(key === undefined ? Buffer.from(keyBase64 ?? '', 'base64') : Buffer.from(key));
  const type = resource === undefined ? '' : ` [${keyText(Buffer.from(resource))}]`;
  const excerpt = (sign: string, side: SideJson | undefined) =>
    side?.excerpt === undefined ? [] : [`    ${sign} ${side.excerpt}`];
  return [`${SIGNS[kind]} ${name}${type}  ${detail(difference)}`.trimEnd(), ...excerpt('-', a), ...excerpt('+', b)];
}

function detail({ fields = [], firstDifference, a, b }: DifferenceJson): string {
  if (a === undefined || b === undefined) return sizeOf((a ?? b)!);
  const both = (text: (side: SideJson) => string) => `${text(a)} → ${text(b)}`;
  const parts = fields.map((field) => {
    switch (field) {
      case 'value': {
        const size = a.valueSize === b.valueSize ? sizeOf(a) : both(sizeOf);
        return `${size}${firstDifference === undefined ? '' : `, from byte ${firstDifference} on`}`;
      }
      case 'lease':
        return `lease ${both(({ lease }) => lease ?? 'none')}`;
      case 'revisions':
        return `revisions ${both(({ createRevision, modRevision }) => `${createRevision}/${modRevision}`)}`;
      case 'version':
        return `version ${both(({ version }) => String(version))}`;
      default:
        return field satisfies never;
    }
  });
  return parts.join('; ');
}

function sizeOf({ valueSize }: SideJson): string {
  return valueSize === undefined ? '' : formatSize(valueSize);
}
