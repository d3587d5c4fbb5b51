import type { Expression } from './pattern.ts';

const EMPTY: Expression = { kind: 'text', text: '' };

/** Sequences in it are opened, neighbouring texts joined; one item alone is no sequence. */
export function sequenceOf(items: readonly Expression[]): Expression {
  const tidy: Expression[] = [];
  for (const item of items.flatMap((one) => (one.kind === 'sequence' ? one.items : [one]))) {
    const before = tidy.at(-1);
    if (item.kind === 'text' && before?.kind === 'text')
      tidy[tidy.length - 1] = { kind: 'text', text: before.text + item.text };
    else if (item.kind !== 'text' || item.text !== '') tidy.push(item);
  }
  return tidy.length > 1 ? { kind: 'sequence', items: tidy } : (tidy[0] ?? EMPTY);
}

export function choiceOf(options: readonly Expression[]): Expression {
  return options.length === 1 ? options[0]! : { kind: 'choice', options };
}

/** Nothing, however often, is nothing. */
export function repeatOf(item: Expression, min: number, max: number): Expression {
  const isNothing = max === 0 || (item.kind === 'text' && item.text === '');
  return isNothing ? EMPTY : { kind: 'repeat', item, min, max };
}
