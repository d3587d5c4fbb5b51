import { expect, test } from 'vitest';
import { lastWords, readableLog } from './readable-log.ts';

const json = (level: string, msg: string, error?: string) => JSON.stringify({ level, ts: 'x', msg, error });

test('JSON lines become sentences, others stay', () => {
  expect(readableLog([json('info', 'started'), 'plain', '{broken', ''].join('\n'))).toBe(
    'info: started\nplain\n{broken',
  );
});

test.each([
  [
    'the errors',
    [json('info', 'a'), json('fatal', 'b', 'no space left'), json('info', 'c')],
    'fatal: b: no space left',
  ],
  ['the last lines where there are none', [json('info', 'a'), json('warn', 'b')], 'info: a\nwarn: b'],
  [
    'what stands before the usage',
    ['flag provided but not defined: -x', 'Usage:', '  etcd'],
    'flag provided but not defined: -x',
  ],
  ['what stands before a stack', ['panic: full', 'goroutine 1 [running]:', 'main.main()'], 'panic: full'],
])('last words are %s', (_, lines, expected) => {
  expect(lastWords(lines.join('\n'))).toBe(expected);
});
