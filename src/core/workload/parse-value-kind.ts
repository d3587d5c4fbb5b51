import { InputError } from '../errors/index.ts';
import type { ValueKind } from './value-source.ts';

const HINT = 'write random, text, file:PATH or repeat';

/** `random`, `text`, `file:PATH` or `repeat`. Throws InputError; whether the file can be read is seen later. */
export function parseValueKind(text: string): ValueKind {
  const kind = text.trim();
  if (kind === 'random' || kind === 'text' || kind === 'repeat') return { kind };
  if (kind.startsWith('file:') && kind.length > 5) return { kind: 'file', path: kind.slice(5) };
  throw new InputError(kind === 'file' || kind === 'file:' ? 'which file?' : `'${text}' is no kind of value`, {
    hint: HINT,
  });
}
