import type { CharacterClass } from './character-class.ts';
import type { CounterPart, Expression, Pattern, PatternPart } from './pattern.ts';
import type { Place } from './text-place.ts';

/** The pattern's text in its standard form: read again, it is the same pattern. Sets of rules are not in it. */
export function printPattern({ levels, value }: Pattern): string {
  return `${levels.map((part) => `/${printPart(part, 'level')}`).join('')};${printValue(value)}`;
}

export function printValue(parts: readonly PatternPart[]): string {
  let text = '';
  for (const part of parts) {
    const printed = printPart(part, 'value');
    // An empty group keeps the name of a rule, or a size, apart from text that would make it longer.
    const isApart = !/(:\w+|#\d+)$/.test(text) || !/^\w/.test(printed);
    text += isApart ? printed : `()${printed}`;
  }
  return text;
}

export function printPart(part: PatternPart, place: Place): string {
  switch (part.kind) {
    case 'literal':
      return escapeStart(escapeText(part.text, place, '\\[](){}|?*+^$'), place);
    case 'counter':
      return printCounter(part);
    case 'rule':
      return `:${part.name}`;
    case 'random':
      return `#${part.bytes}`;
    case 'expression':
      return escapeStart(printExpression(part.expression, place), place);
    default:
      return part satisfies never;
  }
}

function printCounter({ before, number, after, count }: CounterPart): string {
  const { letter, fill, width, sign } = number;
  const flags = sign + (fill === 'zeros' ? '0' : fill === 'after' ? '-' : '');
  const plain = (text: string) => text.replaceAll('%', '%%').replaceAll(/[[\];\\]/g, '\\$&');
  return `%${plain(before)}%${flags}${width === 0 ? '' : width}${letter}${plain(after)}[${count}]`;
}

function printExpression(expression: Expression, place: Place): string {
  switch (expression.kind) {
    case 'text':
      return escapeText(expression.text, place, '\\[](){}|?*+^$.');
    case 'class':
      return printClass(expression.characters);
    case 'sequence':
      return expression.items.map((item) => printItem(item, item.kind === 'choice', place)).join('');
    case 'choice':
      return expression.options.map((option) => printItem(option, option.kind === 'choice', place)).join('|');
    case 'repeat': {
      const { item, min, max } = expression;
      const isGroup = item.kind === 'text' ? [...item.text].length > 1 : item.kind !== 'class';
      const times = min === 0 && max === 1 ? '?' : min === max ? `{${min}}` : `{${min},${max}}`;
      return printItem(item, isGroup, place) + times;
    }
    default:
      return expression satisfies never;
  }
}

function printItem(item: Expression, isGroup: boolean, place: Place): string {
  return isGroup ? `(${printExpression(item, place)})` : printExpression(item, place);
}

function printClass(characters: CharacterClass): string {
  const one = (code: number) => {
    const character = String.fromCodePoint(code);
    return /[\\\]^[-]/.test(character) ? `\\${character}` : (control(character) ?? character);
  };
  const ranges = characters.map(([first, last]) =>
    first === last ? one(first) : last === first + 1 ? one(first) + one(last) : `${one(first)}-${one(last)}`,
  );
  return `[${ranges.join('')}]`;
}

function escapeText(text: string, place: Place, special: string): string {
  const ending = place === 'level' ? ';' : ':#%';
  return [...text]
    .map((character) => {
      if ((special + ending).includes(character)) return `\\${character}`;
      return control(character) ?? character;
    })
    .join('');
}

/** What would begin another kind of level. */
function escapeStart(text: string, place: Place): string {
  return place === 'level' && /^[%#:]/.test(text) ? `\\${text}` : text;
}

function control(character: string): string | undefined {
  const code = character.codePointAt(0)!;
  return code < 0x20 || code === 0x7f ? `\\x${code.toString(16).padStart(2, '0')}` : undefined;
}
