import { expect, test } from 'vitest';
import { PRESETS, presetWords } from './preset-words.ts';

test.each([
  ['fill', [], '--keys 100000'],
  ['fill', ['mine', '--gb', '1.5'], '--cluster mine --gb 1.5'],
  ['fill', ['--gb=1.5', '--endpoints', 'http://a:2379'], '--gb=1.5 --endpoints http://a:2379'],
  ['put-test', [], '--connections 100 --clients 1000 --total 100000 --val-size 256 --cleanup'],
  [
    'put-test',
    ['mine', '--duration', '5s', '--connections=1', '--cleanup', '--json'],
    '--cluster mine --clients 1000 --val-size 256 --duration 5s --connections=1 --cleanup --json',
  ],
  ['range-test', ['mine', '--key-count', '1,10'], 'range --cluster mine --cleanup --key-count 1,10'],
] as const)('%s %j', (name, argv, words) => {
  expect(presetWords(PRESETS[name], argv)).toEqual({ words: words.split(' '), isDryRun: false });
  expect(presetWords(PRESETS[name], [...argv, '--dry-run'])).toEqual({ words: words.split(' '), isDryRun: true });
});
