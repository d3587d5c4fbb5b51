import { stripVTControlCharacters } from 'node:util';

export interface Column<Row> {
  readonly title: string;
  readonly align?: 'left' | 'right';
  readonly value: (row: Row) => string | number;
}

/** Rows as aligned columns under upper-case titles, two spaces apart, no trailing blanks. No rows: only the titles. */
export function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const cells = rows.map((row) => columns.map((column) => String(column.value(row))));
  const titles = columns.map((column) => column.title.toUpperCase());
  const widths = columns.map((_, index) => Math.max(...[titles, ...cells].map((line) => width(line[index] ?? ''))));
  const renderLine = (line: readonly string[]) =>
    columns
      .map((column, index) => {
        const text = line[index] ?? '';
        const blanks = ' '.repeat((widths[index] ?? 0) - width(text));
        return column.align === 'right' ? blanks + text : text + blanks;
      })
      .join('  ')
      .trimEnd();
  return [titles, ...cells].map(renderLine).join('\n');
}

function width(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}
