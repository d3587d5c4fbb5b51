/** All that a dump can say of a key, under the names of its columns. */
export const DUMP_COLUMNS = [
  'key',
  'value',
  'encoding',
  'create_revision',
  'mod_revision',
  'version',
  'lease',
  'ttl_left',
  'value_size',
  'api_version',
  'kind',
] as const;

export type DumpColumn = (typeof DUMP_COLUMNS)[number];
export type DumpFormat = 'csv' | 'jsonl';
/** `text`: as the bytes are; those that aren't UTF-8 in base64, which their row says. */
export type KeyEncoding = 'text' | 'base64' | 'hex';
export type ValueEncoding = KeyEncoding | 'none';

/** How keys are written down. */
export interface DumpLayout {
  readonly format: DumpFormat;
  /** `key` among them; `value` where values aren't `none`; `encoding` only in CSV, and where something is text. */
  readonly columns: readonly DumpColumn[];
  readonly keys: KeyEncoding;
  readonly values: ValueEncoding;
}

export interface LayoutWishes {
  readonly format?: DumpFormat | undefined;
  /** Default: all but those of Kubernetes. */
  readonly columns?: readonly DumpColumn[] | undefined;
  readonly keys?: KeyEncoding | undefined;
  readonly values?: ValueEncoding | undefined;
  /** Values aren't read at all: nothing can be said of them. */
  readonly keysOnly?: boolean | undefined;
  /** The default columns are to have those of Kubernetes, too. */
  readonly isKubernetes?: boolean | undefined;
}

const KUBERNETES_COLUMNS: readonly DumpColumn[] = ['api_version', 'kind'];

/**
 * The layout of a dump. `key` is written even where it wasn't wished for. Text is exact for any bytes: in CSV the column
 * `encoding` says which of a row's fields had to be base64; without that column they are written as the bytes they are.
 */
export function dumpLayout(wishes: LayoutWishes): DumpLayout {
  const { format = 'csv', keys = 'text', keysOnly = false, isKubernetes = false } = wishes;
  const values = keysOnly ? 'none' : (wishes.values ?? 'text');
  const wished =
    wishes.columns ?? DUMP_COLUMNS.filter((column) => isKubernetes || !KUBERNETES_COLUMNS.includes(column));
  const columns = [...new Set<DumpColumn>(wished.includes('key') ? wished : ['key', ...wished])];
  const hasText = keys === 'text' || (values === 'text' && columns.includes('value'));
  return {
    format,
    columns: columns.filter((column) => {
      if (column === 'value') return values !== 'none';
      if (column === 'encoding') return format === 'csv' && hasText;
      if (column === 'value_size' || KUBERNETES_COLUMNS.includes(column)) return !keysOnly;
      return true;
    }),
    keys,
    values: columns.includes('value') ? values : 'none',
  };
}

/** What a column is called in the file: those of keys and values that aren't text say what they are in. */
export function fieldName({ keys, values }: DumpLayout, column: DumpColumn): string {
  if (column === 'key' && keys !== 'text') return `key_${keys}`;
  if (column === 'value' && values !== 'text') return `value_${values}`;
  return column;
}
