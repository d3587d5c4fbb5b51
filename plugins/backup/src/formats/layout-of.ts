import { DUMP_COLUMNS, type DumpColumn, type DumpLayout, type KeyEncoding, type ValueEncoding } from './dump-layout.ts';

/** The layout that the fields of a dump name: its header in CSV, an object's in JSON lines. Undefined: not a dump's. */
export function layoutOf(names: readonly string[], format: DumpLayout['format']): DumpLayout | undefined {
  const columns: DumpColumn[] = [];
  let keys: KeyEncoding = 'text';
  let values: ValueEncoding = 'none';
  for (const name of names) {
    const [, column = name, encoding] = /^(key|value)_(base64|hex)$/.exec(name) ?? [];
    if (!isDumpColumn(column) || columns.includes(column)) return undefined;
    columns.push(column);
    if (column === 'key' && encoding !== undefined) keys = encoding as KeyEncoding;
    if (column === 'value') values = (encoding as KeyEncoding | undefined) ?? 'text';
  }
  return columns.includes('key') ? { format, columns, keys, values } : undefined;
}

function isDumpColumn(name: string): name is DumpColumn {
  return DUMP_COLUMNS.some((column) => column === name);
}
