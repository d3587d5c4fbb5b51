import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../errors/index.ts';
import { type CharacterClass, SLASH, unionOf, without } from './character-class.ts';
import { openPatternSpace, type PatternSpaceOptions } from './open-pattern-space.ts';
import { parsePattern } from './parse-pattern.ts';
import type { CounterPart, Expression, Pattern, PatternPart } from './pattern.ts';
import type { PatternSpace } from './pattern-space.ts';
import { printPart, printPattern } from './print-pattern.ts';
import { sizesOf } from './sizes-of.ts';
import { SETS } from './standard-rules.ts';
import { choiceOf, repeatOf, sequenceOf } from './tidy-expression.ts';

// ---- what patterns are made of

const character = fc.constantFrom(...'abcxyzABZ0129-_.:;#%[](){}|?*+^$\\,=!~ "\'é日\n\u0001');
const text = fc.array(character, { minLength: 1, maxLength: 6 }).map((characters) => characters.join(''));
const range = fc
  .tuple(
    fc.constantFrom(...'#+-09AZ[\\]^az~é日').map((first) => first.codePointAt(0)!),
    fc.nat(30),
  )
  .map(([first, more]) => [first, first + more] as const);
const characters: fc.Arbitrary<CharacterClass> = fc
  .array(range, { minLength: 1, maxLength: 3 })
  .map((ranges) => without(unionOf(ranges), [[SLASH, SLASH]]))
  .filter((found) => found.length > 0);

const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    text.map((plain): Expression => ({ kind: 'text', text: plain })),
    characters.map((found): Expression => ({ kind: 'class', characters: found })),
    fc.array(tie('expression'), { minLength: 1, maxLength: 3 }).map(sequenceOf),
    fc.array(tie('expression'), { minLength: 2, maxLength: 3 }).map(choiceOf),
    fc.tuple(tie('expression'), fc.nat(2), fc.nat(2)).map(([item, min, more]) => repeatOf(item, min, min + more)),
    fc
      .tuple(characters, fc.nat(60), fc.nat(20))
      .map(([found, min, more]) => repeatOf({ kind: 'class', characters: found }, min, min + more)),
  ),
}));

const generated = expression.map(
  (found): PatternPart =>
    found.kind === 'text' ? { kind: 'literal', text: found.text } : { kind: 'expression', expression: found },
);
const plain = fc.array(fc.constantFrom(...'ab-_.é%[];\\'), { maxLength: 4 }).map((some) => some.join(''));
const counter: fc.Arbitrary<PatternPart> = fc
  .record({
    before: plain,
    letter: fc.constantFrom('d', 'x', 'X', 'o'),
    fill: fc.constantFrom('zeros', 'before', 'after'),
    width: fc.nat(8),
    sign: fc.constantFrom('', '+', ' '),
    after: plain,
    count: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 1200 })),
  })
  .map(
    ({ letter, fill, width, sign, ...rest }): CounterPart => ({
      kind: 'counter',
      ...rest,
      number: { letter, fill: width === 0 ? 'before' : fill, width, sign: letter === 'd' ? sign : '' } as const,
    }),
  );
const rule = fc.constantFrom<PatternPart>(
  ...Object.entries(SETS).map(([name, values]) => ({ kind: 'rule', name, values }) as const),
  { kind: 'rule', name: 'clusterid' },
  { kind: 'rule', name: 'workerid' },
  { kind: 'rule', name: 'ip' },
);
const random = fc.integer({ min: 1, max: 99 }).map((bytes): PatternPart => ({ kind: 'random', bytes }));

const part = fc.oneof(generated, counter, rule, random);
const pattern: fc.Arbitrary<Pattern> = fc.record({
  levels: fc.array(
    part.filter((one) => sizesOf(one).min > 0),
    { minLength: 1, maxLength: 4 },
  ),
  value: fc
    .array(part, { minLength: 1, maxLength: 4 })
    .map((parts) => parts.filter((one) => sizesOf(one).max > 0))
    // Texts beside each other would be one.
    .filter((parts) => parts.length > 0 && parts.every((one, i) => i === 0 || !(isText(one) && isText(parts[i - 1]!)))),
});

function isText({ kind }: PatternPart): boolean {
  return kind === 'literal' || kind === 'expression';
}

// ---- what they should make, said another way

const IP = '10.1.2.3';
const open = (source: Pattern | string, options: Partial<PatternSpaceOptions> = {}) =>
  openPatternSpace(typeof source === 'string' ? parsePattern(source) : source, { ip: IP, seed: 7, ...options });

function escaped(plain: string): string {
  return plain.replaceAll(/\W/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** What matches the texts of a part, and no other. */
function expressionOf(one: PatternPart): string {
  switch (one.kind) {
    case 'expression':
      return `(?:${printPart(one, 'level')})`;
    case 'random':
      return `[\\w-]{${one.bytes}}`;
    case 'rule':
      return one.values === undefined
        ? one.name === 'ip'
          ? '10\\.1\\.2\\.3'
          : '[0-9a-f]{40}'
        : `(?:${one.values.join('|')})`;
    case 'literal':
      return escaped(one.text);
    default:
      return `(?:${Array.from({ length: one.count }, (_, index) => escaped(counted(one, index))).join('|')})`;
  }
}

function counted({ before, number: { letter, fill, width, sign }, after }: CounterPart, index: number): string {
  const digits = index.toString(letter === 'o' ? 8 : letter === 'd' ? 10 : 16);
  const cased = letter === 'X' ? digits.toUpperCase() : digits;
  if (fill === 'zeros') return before + sign + cased.padStart(width - sign.length, '0') + after;
  return before + (fill === 'after' ? (sign + cased).padEnd(width) : (sign + cased).padStart(width)) + after;
}

const scratch = Buffer.alloc(70_000);
function keyOf(space: PatternSpace, key: number): string {
  const end = space.writeKey(scratch, 3, key);
  const found = space.keyAt(scratch, 3, end);
  const bytes = space.keyBytesOf(key);
  // One by one, expect() would be most of the time.
  if (found !== key || bytes !== end - 3 || bytes > space.maxKeyBytes)
    expect({ found, bytes }).toBe(`key ${key}, ${end - 3} bytes of ${space.maxKeyBytes} at most`);
  return scratch.toString('utf8', 3, end);
}

function valueAt({ values }: PatternSpace, key: number, write: number): string {
  const end = values.write(scratch, 5, key, write);
  const bytes = values.bytesOf(key, write);
  if (bytes !== end - 5 || bytes < values.minBytes || bytes > values.maxBytes)
    expect({ bytes, end }).toBe(`${values.minBytes} to ${values.maxBytes} bytes, as bytesOf says`);
  return scratch.toString('utf8', 5, end);
}

const allKeys = (space: PatternSpace) => Array.from({ length: space.size }, (_, key) => keyOf(space, key));
/** A hundred numbers of a space, from first to last. */
const some = ({ size }: PatternSpace) =>
  Array.from({ length: Math.min(size, 100) }, (_, i) =>
    Math.floor((i * (size - 1)) / Math.max(1, Math.min(size, 100) - 1)),
  );

// ---- the tests

test('what is printed is read as the same pattern', () => {
  fc.assert(
    fc.property(pattern, (one) => {
      const printed = printPattern(one);
      expect(parsePattern(printed)).toEqual(one);
      expect(printPattern(parsePattern(printed))).toBe(printed);
    }),
    { numRuns: 1000 },
  );
});

test('whatever is written is a pattern that can be printed, or an InputError that shows the place', () => {
  const word = fc.constantFrom(
    ...[
      '/',
      ';',
      '[a-z]',
      '[^',
      ']',
      '(',
      ')',
      '|',
      '{3}',
      '{1,2}',
      '{',
      '}',
      '?',
      '*',
      '.',
      '^',
      '\\\\',
      '\\d',
      '\\x4',
      '-',
    ],
    ...['%a%03d[3]', '%', '[', ':region', ':ip', ':', '#7', '#', 'a', 'b-c', '0', '\n', 'é', '😀', '/a/', ';x'],
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 5 }), fc.array(word, { maxLength: 5 }), (keys, values) => {
      const source = `/${keys.join('')};${values.join('')}`;
      let parsed: Pattern;
      try {
        parsed = parsePattern(source);
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
        expect((error as InputError).message).toMatch(/^[^\n]+\n {2}[^\n]*\n {2} *\^$/);
        return;
      }
      expect(parsePattern(printPattern(parsed))).toEqual(parsed);
      const space = open(parsed);
      for (const key of some(space).slice(0, 5)) valueAt(space, key, keyOf(space, key).length);
    }),
    { numRuns: 5000 },
  );
});

test('every key and every value matches its pattern', () => {
  fc.assert(
    fc.property(pattern, fc.maxSafeInteger(), fc.nat(5000), (one, seed, write) => {
      // Values of a single part, and names one by one: a backtracking expression for all takes its time.
      const space = open({ ...one, value: one.value.slice(0, 1) }, { seed });
      const names = one.levels.map((level) => new RegExp(`^${expressionOf(level)}$`));
      const values = new RegExp(`^${expressionOf(one.value[0]!)}$`);
      for (const key of some(space).slice(0, 20)) {
        const [, ...found] = keyOf(space, key).split('/');
        for (const [level, name] of names.entries()) expect(found[level]).toMatch(name);
        expect(found).toHaveLength(names.length);
        expect(valueAt(space, key, write)).toMatch(values);
      }
    }),
    { numRuns: 300 },
  );
});

test('values of several parts are these parts, one after the other', () => {
  const space = open('/%k%d[100];id-[0-9]{3,5}:state(a|bc){2}#7\\%:ip%n%02x[40]end');
  const expected = new RegExp(
    `^id-[0-9]{3,5}(${SETS.state!.join('|')})(a|bc){2}[\\w-]{7}%10\\.1\\.2\\.3n([01][0-9a-f]|2[0-7])end$`,
  );
  for (const key of some(space)) expect(valueAt(space, key, key)).toMatch(expected);
});

test('there are as many keys as the counts multiplied, none like another, always the same', () => {
  fc.assert(
    fc.property(pattern, fc.maxSafeInteger(), (one, seed) => {
      const space = open(one, { seed });
      const counts = one.levels.map((level) =>
        level.kind === 'counter' ? level.count : level.kind === 'rule' ? (level.values?.length ?? 1) : 1,
      );
      expect(space.levels.map(({ count }) => count)).toEqual(counts);
      expect(space.size).toBe(counts.reduce((a, b) => a * b, 1));
      expect(space.text).toBe(printPattern(one));
      if (space.size > 3000) return;
      const keys = allKeys(space);
      expect(new Set(keys).size).toBe(space.size);
      expect(some(space).map((key) => keyOf(open(one, { seed }), key))).toEqual(some(space).map((key) => keys[key]));
    }),
    { numRuns: 60 },
  );
});

test('the keys below a node are its children', () => {
  fc.assert(
    fc.property(pattern, fc.nat(), (one, at) => {
      const space = open(one);
      for (const [level] of space.levels.entries()) {
        const node = at % space.nodesAt(level);
        const below = space.keysBelow(level);
        expect(space.nodesAt(level) * below).toBe(space.size);
        const path = scratch.toString('utf8', 0, space.writeNode(scratch, 0, level, node));
        expect(path.split('/').length).toBe(level + 2);
        for (const key of [node * below, node * below + below - 1])
          expect(`${keyOf(space, key)}/`).toContain(`${path}/`);
        for (const other of [node * below - 1, node * below + below].filter((key) => key >= 0 && key < space.size))
          expect(`${keyOf(space, other)}/`.startsWith(`${path}/`)).toBe(false);
      }
    }),
    { numRuns: 100 },
  );
});

describe('several generated keys for each combination', () => {
  test.each([
    ['/p/%c-%d[3]/[a-z0-9]{20};x', 500],
    ['/p/%c-%d[3]/n[0-9]{1,4}-x;x', 1000],
    ['/p/%c-%d[3]/(red|green)-[a-z]{2,3}-[0-9]{1,2}(x|yz){1,3};x', 900],
    ['/p/%c-%d[3]/#3;x', 4096],
    ['/p/:region/:clusterid/:state;x', 50],
    ['/[a-z]{2}/[ab]{9};x', 512],
    ['/%c-%d[3]/[a-z]{1,2}/%leaf-%d[2];x', 26],
  ])('%s, %i of them: all differ, all match, all are found again', (text, total) => {
    const parsed = parsePattern(text);
    for (const seed of [1, 2, 3]) {
      const space = open(parsed, { keysPerCombination: total, seed });
      const counts = space.levels.map(({ count }) => count);
      expect(counts.filter((count) => count === total)).toHaveLength(1);
      const keys = allKeys(space);
      expect(keys.length).toBe(counts.reduce((a, b) => a * b));
      expect(new Set(keys).size).toBe(keys.length);
      const expected = new RegExp(`^${parsed.levels.map((level) => `/${expressionOf(level)}`).join('')}$`);
      for (const key of keys) if (!expected.test(key)) expect(key).toMatch(expected);
    }
  });

  test('lengths vary from child to child where one length alone varies', () => {
    const lengths = allKeys(open('/p/[0-9]{1,6};x', { keysPerCombination: 1000 })).map((key) => key.length - 3);
    expect(new Set(lengths)).toEqual(new Set([3, 4, 5, 6]));
  });

  test('where there is no room for them, or no level, they are refused', () => {
    const opened = (text: string, keysPerCombination: number) => () => open(text, { keysPerCombination });
    expect(opened('/p/[0-9]{3};x', 1001)).toThrow('[0-9]{3} has room for 1000 different names only, not for 1001');
    expect(opened('/p/(red|green){9};x', 2)).toThrow('has room for 1 different names only');
    expect(opened('/p/%c-%d[3];x', 2)).toThrow('no generated level');
    expect(opened('/p/#9;x', 0)).toThrow('0 keys for each combination');
    expect(opened('/p/#9;x', 1.5)).toThrow(InputError);
  });
});

describe('large spaces', () => {
  test('numbers are exact up to 2^53', () => {
    const source = '/%a%d[94906265]/%b%03x[94906265]/:state;x';
    expect(() => open(source)).toThrow('2^53');
    const space = open('/%a%d[94906265]/%b%03x[94906265];x');
    expect(space.size).toBe(94906265 ** 2);
    fc.assert(
      fc.property(fc.nat(94906264), fc.nat(94906264), (a, b) => {
        expect(keyOf(space, a * 94906265 + b)).toBe(`/a${a}/b${b.toString(16).padStart(3, '0')}`);
      }),
    );
    expect(keyOf(space, space.size - 1)).toBe('/a94906264/b5a82798');
    const flat = open('/%k%015d[9007199254740991];x');
    for (const key of [0, 2 ** 31, 2 ** 32 - 1, 2 ** 53 - 2])
      expect(keyOf(flat, key)).toBe(`/k${String(key).padStart(15, '0')}`);
  });

  test('all levels of 10^15 keys, of generated names too', () => {
    const space = open('/p/%c-%d[1000000]/[a-z]{3,30}-#5;x', { keysPerCombination: 1e9 });
    expect(space.size).toBe(1e15);
    for (const key of some(space)) keyOf(space, key);
  });
});

describe('whoever reads what others wrote', () => {
  const space = open('/p/%c-%03d[20]/:state/[a-f]{4};x', { keysPerCombination: 3 });
  const numberOf = (key: string) => space.keyAt(Buffer.from(key), 0, Buffer.byteLength(key));

  test.each(['', '/', '/p', '/p/c-001', '/p/c-001/deleted', '/p/c-1/deleted/aaaa', '/p/c-020/deleted/aaaa'])(
    '%s is no key of the space',
    (key) => expect(numberOf(key)).toBe(-1),
  );

  test('nor is a key with something changed', () => {
    const own = new Set(allKeys(space));
    fc.assert(
      fc.property(fc.nat(space.size - 1), fc.nat(30), fc.constantFrom(...'/0ag~'), (key, at, changed) => {
        const known = keyOf(space, key);
        const other = known.slice(0, at) + changed + known.slice(at + 1);
        expect(numberOf(other) >= 0).toBe(own.has(other));
        expect(numberOf(`${known}x`)).toBe(-1);
        expect(numberOf(`${known}/x`)).toBe(-1);
      }),
    );
  });
});

test('names of generated levels depend on the seed and on their parents; other names do not', () => {
  const names = (seed: number, level: number) =>
    new Set(allKeys(open('/p/%c%d[50]/:clusterid/:masterid;x', { seed })).map((key) => key.split('/')[level]));
  expect(names(1, 3).size).toBe(50);
  expect([...names(1, 3)].filter((name) => names(2, 3).has(name) || names(1, 4).has(name))).toEqual([]);
  expect(names(1, 2)).toEqual(names(2, 2));
});

test('levels that are not there are refused', () => {
  const space = open('/p/%c%d[50];x');
  for (const level of [-1, 2, 1.5]) expect(() => space.nodesAt(level)).toThrow(InputError);
  expect(() => space.keysBelow(2)).toThrow('there is no level 2: the pattern has levels 0 to 1');
});

test('keys of 64 KiB at most, an address without a slash', () => {
  expect(() => open(`${'/[a-z]{60000}'.repeat(2)};x`)).toThrow('65536 is the most');
  expect(() => open('/:ip;x', { ip: 'fe80::1/64' })).toThrow("'fe80::1/64' is no address");
  expect(keyOf(open('/:ip;x', { ip: 'fe80::1' }), 0)).toBe('/fe80::1');
});

describe('values', () => {
  test('differ from key to key, from write to write and from seed to seed; the same ones are the same', () => {
    const values = (seed: number) => {
      const space = open('/%k%d[100];[0-9]{20,30}', { seed });
      return Array.from({ length: 10_000 }, (_, i) => valueAt(space, i % 100, Math.floor(i / 100)));
    };
    expect(new Set([...values(1), ...values(2)]).size).toBe(20_000);
    expect(values(1)).toEqual(values(1));
  });

  test('have all sizes of theirs, about equally often, and all characters', () => {
    const space = open('/%k%d[100];[0-9]{140,160}');
    const sizes = new Map<number, number>();
    const digits = new Map<string, number>();
    for (let write = 0; write < 21_000; write += 1) {
      const value = valueAt(space, write % 100, write);
      sizes.set(value.length, (sizes.get(value.length) ?? 0) + 1);
      for (const digit of value.slice(0, 40)) digits.set(digit, (digits.get(digit) ?? 0) + 1);
    }
    expect(sizes.size).toBe(21);
    for (const count of sizes.values()) expect(Math.abs(count - 1000)).toBeLessThan(250);
    expect(digits.size).toBe(10);
    for (const count of digits.values()) expect(Math.abs(count - 84_000)).toBeLessThan(2500);
  });

  test.each(['[0-9]{140,160}', '#8', '[a-z]:region-#3-end', 'id-[0-9a-f]{3,5}(a|b)[é]{2}[xy]{1,2}z'])(
    'of other sizes than those of %s',
    (value) => {
      const space = open(`/%k%d[100];${value}`, { valueBytes: { min: 30, max: 40 } });
      const found = some(space).map((key) => Buffer.byteLength(valueAt(space, key, key)));
      expect([space.values.minBytes, space.values.maxBytes]).toEqual([30, 40]);
      expect(new Set(found).size).toBeGreaterThan(8);
    },
  );

  test('made longer they are still of their characters, to the last', () => {
    const { values } = open('/k;[0-9]{8}', { valueBytes: { min: 60_000, max: 60_000 } });
    for (let write = 0; write < 20; write += 1) {
      scratch.fill('~');
      values.write(scratch, 0, 0, write);
      expect(/^\d+$/.test(scratch.toString('latin1', 0, 60_000))).toBe(true);
    }
  });

  test.each([
    ['abc', 5, 9, 'nothing in abc can be made longer or shorter'],
    ['[a-z]{3}:state', 30, 40, 'varies in its own size'],
    [':state[a-z]{3}', 9, 40, 'the other parts of :state[a-z]{3} alone take up to 13'],
    ['#5', 9, 5, 'can’t be'],
    ['#5', -1, 5, 'can’t be'],
    ['#5', 1, 2e6, 'can’t be'],
  ])('%s has none of %i to %i bytes', (value, min, max, message) => {
    const opened = () => open(`/k;${value}`, { valueBytes: { min, max } });
    expect(opened).toThrow(InputError);
    expect(opened).toThrow(message.replace('’', "'"));
  });

  test('a counter counts the writes', () => {
    const space = open('/%k%d[9];v%%02d[3]');
    expect([0, 1, 2, 3, 4].map((write) => valueAt(space, 5, write))).toEqual(['v00', 'v01', 'v02', 'v00', 'v01']);
  });

  test('of 1.5 MB', () => {
    const { values } = open('/k;[0-9a-f]{1500000}');
    const bytes = Buffer.alloc(1_500_001);
    expect(values.write(bytes, 1, 0, 1)).toBe(bytes.length);
    expect(/^[0-9a-f]+$/.test(bytes.toString('latin1', 1))).toBe(true);
    // Not a pool's content again and again.
    expect(bytes.subarray(1, 1000).equals(bytes.subarray(131_073, 132_072))).toBe(false);
  });
});
