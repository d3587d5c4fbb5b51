import { describe, expect, test } from 'vitest';
import { InputError } from '../../errors/index.ts';
import { parsePattern } from './parse-pattern.ts';
import { printPattern } from './print-pattern.ts';

const DOCUMENTED =
  '/prefix/:ip/%level2-%06d[2]/%level3-%04d[6]/%level4-%04d[2]/%level5-%040d[100]/%level6-%040d[10]/%leaf7-%06d[5];' +
  '[0-9]{140,160}';

function refused(pattern: string, rules?: Readonly<Record<string, readonly string[]>>): InputError {
  try {
    parsePattern(pattern, rules);
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error(`'${pattern}' is taken`);
}

test('the documented pattern', () => {
  const { levels, value } = parsePattern(DOCUMENTED);
  expect(levels.map(({ kind }) => kind)).toEqual(['literal', 'rule', ...new Array(6).fill('counter')]);
  expect(levels[5]).toEqual({
    kind: 'counter',
    before: 'level5-',
    number: { letter: 'd', fill: 'zeros', width: 40, sign: '' },
    after: '',
    count: 100,
  });
  expect(value).toEqual([{ kind: 'expression', expression: { kind: 'repeat', item: digits(), min: 140, max: 160 } }]);
  expect(printPattern(parsePattern(DOCUMENTED))).toBe(DOCUMENTED);
});

function digits() {
  return { kind: 'class', characters: [[0x30, 0x39]] };
}

describe('levels', () => {
  test.each([
    ['registry.k8s.io', { kind: 'literal', text: 'registry.k8s.io' }],
    ['a\\[b\\]\\.\\x41\\u00e9', { kind: 'literal', text: 'a[b].Aé' }],
    ['10:20', { kind: 'literal', text: '10:20' }],
    ['(abc)', { kind: 'literal', text: 'abc' }],
    ['#40', { kind: 'random', bytes: 40 }],
    [':clusterid', { kind: 'rule', name: 'clusterid' }],
    [':actual_desired', { kind: 'rule', name: 'actual_desired', values: ['actual', 'desired'] }],
    [':planet', { kind: 'rule', name: 'planet', values: ['venus', 'mars'] }],
  ])('%s', (text, part) => {
    expect(parsePattern(`/${text};x`, { planet: ['venus', 'mars'] }).levels).toEqual([part]);
  });

  test.each([
    ['%%d[5]', '', 'd', 'before', 0, ''],
    ['%a%%b%-5xé[5]', 'a%b', 'x', 'after', 5, 'é'],
    ['%%+06i\\[x\\][5]', '', 'd', 'zeros', 6, '[x]'],
  ])('the counter %s', (text, before, letter, fill, width, after) => {
    expect(parsePattern(`/${text};x`).levels[0]).toMatchObject({ before, number: { letter, fill, width }, after });
  });

  test('ranges pass over the slash that separates levels', () => {
    expect(printPattern(parsePattern('/[!-~]{4}.;[!-~]'))).toBe('/[!-.0-~]{4}[!-.0-~];[!-~]');
  });

  test('a rule of the user comes before the standard one', () => {
    expect(parsePattern('/:region;x', { region: ['here'] }).levels[0]).toMatchObject({ values: ['here'] });
  });
});

test('braces that repeat nothing are plain: values may be JSON', () => {
  const { value } = parsePattern('/a;{"id":":clusterid","n":[0-9]{3},"o":{"a":{}},"text":"#20"}');
  expect(value).toMatchObject([
    { kind: 'literal', text: '{"id":"' },
    { kind: 'rule', name: 'clusterid' },
    {
      kind: 'expression',
      expression: {
        items: [
          { kind: 'text', text: '","n":' },
          { kind: 'repeat', item: digits(), min: 3, max: 3 },
          { kind: 'text', text: ',"o":{"a":{}},"text":"' },
        ],
      },
    },
    { kind: 'random', bytes: 20 },
    { kind: 'literal', text: '"}' },
  ]);
});

test('values are several parts, one after the other', () => {
  expect(parsePattern('/a;id-[0-9]{3}:region#5 a:1 %n%d[3]').value.map(({ kind }) => kind)).toEqual([
    'expression',
    'rule',
    'random',
    'literal',
    'counter',
  ]);
  expect(parsePattern('/a;:region()s#5()0').value.map(({ kind }) => kind)).toEqual([
    'rule',
    'literal',
    'random',
    'literal',
  ]);
  expect(parsePattern('/a;\\:region\\#5\\%').value).toEqual([{ kind: 'literal', text: ':region#5%' }]);
});

// The caret stands under the character after ‸.
test.each([
  ['‸', 'the pattern is empty'],
  ['‸prefix/a;x', 'begins with a slash'],
  ['/prefix/a‸', "there is no ';'"],
  ['/prefix/a;‸', 'the value pattern is empty'],
  ['/prefix/a;‸a{0}', 'the value pattern is empty'],
  ['/‸;x', 'a level is empty'],
  ['/a/‸/b;x', 'a level is empty'],
  ['/a/‸', 'a level is empty'],
  ['/a/‸[a-z]{0,3};x', "this level's name could be empty"],
  ['/a[b‸/c]/d;x', "can't have a slash"],
  ['/a(b‸/c)/d;x', "can't have a slash"],
  ['/a‸\\/b;x', "can't have a slash"],
  ['/a/[a-z]‸*;x', '* has no end'],
  ['/a/[a-z]‸+;x', '+ has no end'],
  ['/a;x‸{3,}', '{3,} has no end'],
  ['/a;‸{3}', 'nothing before {'],
  ['/a;x‸{3,1}', 'runs backwards'],
  ['/a;[a-z]‸{a}', 'a repetition is {n} or {n,m}'],
  ['/a;x‸{3a}', 'a repetition is {n} or {n,m}'],
  ['/a;x‸{,3}', 'a repetition is {n} or {n,m}'],
  ['/a;x‸{9999999}', '1572864 is the most'],
  ['/a;‸[a-z]{1500000}[a-z]{1500000}', 'values of 3000000 bytes are too long'],
  ['/‸[a-z]{70000};x', '65536 is the most'],
  ['/a;x{2}‸?', 'one repetition after another'],
  ['/‸^a[0-9];x', 'an anchor (^)'],
  ['/a[0-9]‸$;x', 'an anchor ($)'],
  ['/a‸\\b[0-9];x', 'word boundary'],
  ['/(a|b)‸\\1;x', 'back-references'],
  ['/‸(?=a)b;x', 'looking around'],
  ['/‸(?<!a)b;x', 'looking around'],
  ['/‸(?<name>a)b;x', 'no names'],
  ['/a‸(b|c;x', 'this group is not closed'],
  ['/a‸)b;x', 'closes nothing'],
  ['/a‸[b;x', 'this class is not closed'],
  ['/a‸[];x', 'no character'],
  ['/a[‸z-a];x', 'the range z-a runs backwards'],
  ['/a[‸\\d-z];x', "can't begin with a class"],
  ['/a[‸[:alpha:]];x', 'POSIX'],
  ['/a‸\\q;x', '\\q is not known'],
  ['/a‸\\x4;x', '2 hex digits'],
  ['/a;b‸\\', 'nothing after it'],
  ['/‸:regoin;x', 'there is no rule :regoin'],
  ['/‸:;x', 'which rule?'],
  ['/:region‸-b;x', 'nothing can follow it'],
  ['/#‸x;x', 'of how many bytes?'],
  ['/‸#0;x', '0 bytes'],
  ['/‸%a-%04d;x', 'how many there are'],
  ['/‸%a-%04d/b;x', 'how many there are'],
  ['/‸%a[3];x', 'no number in the text'],
  ['/%a-%04d[‸0];x', 'a counter of 0'],
  ['/%a-%04d[‸x];x', 'how many are there?'],
  ['/%a-%04d[3‸,4];x', 'a whole number'],
  ['/%a-%04d[‸99999999999999999999];x', '2^53'],
  ['/%a-%04d[3]‸b;x', 'nothing can follow it'],
  ['/%a-%04‸s[3];x', '%s prints no number'],
  ['/%a-%‸[3];x', 'what is to be printed?'],
  ['/%a-%‸.3d[3];x', 'a precision'],
  ['/%a-‸%9999d[3];x', 'a width of 9999'],
  ['/%a-%d-‸%d[3];x', 'one number only'],
  ['/%a‸\\d%d[3];x', 'a backslash stands only before'],
])('%s is refused', (marked, message) => {
  const pattern = marked.replace('‸', '');
  const lines = refused(pattern).message.split('\n');
  expect(lines[0]).toContain(message);
  expect(lines.slice(1)).toEqual([`  ${pattern}`, `  ${' '.repeat(marked.indexOf('‸'))}^`]);
});

test('unknown rules: the one that was meant, or all there are', () => {
  expect(refused('/:regoin;x').hint).toMatch(/did you mean 'region'\?.*--rule regoin=one,two/);
  expect(refused('/:xyz;x', { planet: ['mars'] }).hint).toContain(':planet :region');
});

test('of a long pattern the part around the place is shown', () => {
  const [, shown = '', caret = ''] = refused(`/${'a'.repeat(200)}*${'b'.repeat(200)};x`).message.split('\n');
  expect(shown).toMatch(/^ {2}…a{50}\*b{49}…$/);
  expect(shown[caret.indexOf('^')]).toBe('*');
});

test.each<[string, readonly string[], string]>([
  ['a-b', ['x'], 'a name is made of'],
  ['a', [], 'it has no values'],
  ['a', ['x', ''], 'is empty'],
  ['a', ['x', 'y/z'], 'has a slash in it'],
  ['a', ['x', 'y', 'x'], "'x' is there twice"],
])('the rule %s=%j is refused', (name, values, message) => {
  expect(refused('/a;x', { [name]: values }).message).toContain(message);
});

test('groups in groups have an end', () => {
  expect(refused(`/${'('.repeat(5000)}a${')'.repeat(5000)};x`).message).toContain('more than 100 groups');
});
