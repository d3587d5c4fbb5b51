import { expect, test } from 'vitest';
import { renderTable } from './table.ts';

test('columns are as wide as their widest cell and leave no blanks at the end', () => {
  const text = renderTable(
    [
      { title: 'host', value: (row: { host: string; ms: number; note: string }) => row.host },
      { title: 'ms', align: 'right', value: (row) => row.ms },
      { title: 'note', value: (row) => row.note },
    ],
    [
      { host: 'node1', ms: 5, note: 'ok' },
      { host: 'n2', ms: 12345, note: '' },
    ],
  );
  expect(text).toBe(['HOST      MS  NOTE', 'node1      5  ok', 'n2     12345'].join('\n'));
});

test('colour does not count as width', () => {
  const text = renderTable(
    [
      { title: 'state', value: (row: [string, string]) => row[0] },
      { title: 'x', value: (row) => row[1] },
    ],
    [
      ['\u001b[32mok\u001b[39m', 'a'],
      ['failed', 'b'],
    ],
  );
  expect(text.split('\n')[1]).toBe('\u001b[32mok\u001b[39m      a');
});
