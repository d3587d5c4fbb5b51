import type { CounterPart, NumberFormat } from './pattern.ts';
import type { PatternScanner } from './pattern-scanner.ts';

const EXAMPLE = 'a counter is % printf-text [count], such as %worker-%04d[12]';
const MOST_WIDTH = 1024;

/** `%level3-%04d[6]`: level3-0000 to level3-0005. */
export function parseCounter(scanner: PatternScanner): CounterPart {
  const start = scanner.at;
  scanner.take();
  let before = '';
  let text = '';
  let number: NumberFormat | undefined;
  while (scanner.next !== '[') {
    const at = scanner.at;
    if (scanner.isAtEnd || scanner.next === '/' || scanner.next === ';')
      scanner.fail('this counter does not say how many there are', { at: start, hint: EXAMPLE });
    const character = scanner.take();
    if (character === '\\') text += takeEscaped(scanner, at);
    else if (character !== '%' || scanner.accept('%')) text += character;
    else if (number !== undefined) scanner.fail('a counter has one number only', { at, hint: EXAMPLE });
    else {
      number = parseFormat(scanner, at);
      [before, text] = [text, ''];
    }
  }
  if (number === undefined)
    scanner.fail('there is no number in the text of this counter', { at: start, hint: EXAMPLE });
  return { kind: 'counter', before, number, after: text, count: parseCount(scanner) };
}

/** After its `%`. */
function parseFormat(scanner: PatternScanner, at: number): NumberFormat {
  const flags = scanner.match(/[-+ 0]*/y);
  const width = Number(scanner.match(/\d*/y));
  const refused = scanner.next;
  if (refused === '.') scanner.fail('a precision means nothing here', { hint: 'leading zeros: %04d' });
  const letter = scanner.match(/[diuxXo]/y);
  if (letter === '')
    scanner.fail(refused === '' || refused === '[' ? 'what is to be printed?' : `%${refused} prints no number`, {
      hint: 'write %d, %04d, %x, %X or %o, or %% for the character itself',
    });
  if (width > MOST_WIDTH) scanner.fail(`a width of ${width} is too much: ${MOST_WIDTH} is the most`, { at });
  const isSigned = letter === 'd' || letter === 'i';
  return {
    letter: letter === 'x' || letter === 'X' || letter === 'o' ? letter : 'd',
    fill: width === 0 ? 'before' : flags.includes('-') ? 'after' : flags.includes('0') ? 'zeros' : 'before',
    width,
    sign: !isSigned ? '' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '',
  };
}

function parseCount(scanner: PatternScanner): number {
  const open = scanner.at;
  scanner.take();
  const digits = scanner.match(/\d+/y);
  if (digits === '') scanner.fail('how many are there?', { hint: EXAMPLE });
  const count = Number(digits);
  if (!scanner.accept(']')) scanner.fail('the count is a whole number in brackets', { hint: EXAMPLE });
  if (count === 0) scanner.fail('a counter of 0 makes no keys at all', { at: open + 1 });
  if (count > Number.MAX_SAFE_INTEGER) scanner.fail('no more than 2^53 can be counted', { at: open + 1 });
  return count;
}

function takeEscaped(scanner: PatternScanner, at: number): string {
  const character = scanner.take();
  if (character === '' || /[a-z0-9/]/i.test(character))
    scanner.fail("in a counter's text a backslash stands only before [, ], %, ; and the like", { at });
  return character;
}
