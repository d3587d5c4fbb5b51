import { takeEscape } from './parse-escape.ts';
import { ExpressionParser } from './parse-expression.ts';
import type { PatternPart } from './pattern.ts';
import type { PatternScanner } from './pattern-scanner.ts';
import { endsPart, failForSlash, isPlainBrace, type Place } from './text-place.ts';

/** A literal or an expression, up to where the part ends. */
export function parseText(scanner: PatternScanner, place: Place): PatternPart {
  const start = scanner.at;
  const literal = takeLiteral(scanner, place);
  if (literal !== undefined) return { kind: 'literal', text: literal };
  scanner.at = start;
  const expression = new ExpressionParser(scanner, place).parse();
  return expression.kind === 'text' ? { kind: 'literal', text: expression.text } : { kind: 'expression', expression };
}

/**
 * Text without anything that makes it an expression; undefined where there is. Dots alone do not: `registry.k8s.io` is
 * what it says.
 */
function takeLiteral(scanner: PatternScanner, place: Place): string | undefined {
  let text = '';
  // What keeps this text apart from a rule before it.
  scanner.accept('()');
  while (!endsPart(scanner, place)) {
    const { at } = scanner;
    const character = scanner.take();
    if ('[]()|?*+^$'.includes(character) || (character === '{' && !isPlainBrace(scanner))) return undefined;
    if (character !== '\\') text += character;
    else {
      const escaped = takeEscape(scanner, at);
      if (typeof escaped !== 'string') return undefined;
      if (place === 'level' && escaped === '/') failForSlash(scanner, at);
      text += escaped;
    }
  }
  return text;
}
