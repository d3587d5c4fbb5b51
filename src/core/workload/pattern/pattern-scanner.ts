import { InputError } from '../../errors/index.ts';

/** How much of a long pattern is shown on each side of what is wrong with it. */
const SHOWN = 50;

/** Reads a pattern from its start to its end, and says where it is wrong. */
export class PatternScanner {
  readonly text: string;
  /** Index of the character to read next. */
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** The character (code point) to read next; '' at the end. */
  get next(): string {
    const code = this.text.codePointAt(this.at);
    return code === undefined ? '' : String.fromCodePoint(code);
  }

  take(): string {
    const character = this.next;
    this.at += character.length;
    return character;
  }

  /** Takes `text` if that is what follows. */
  accept(text: string): boolean {
    if (!this.text.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  /** Takes what the sticky expression matches here: maybe ''. */
  match(expression: RegExp): string {
    expression.lastIndex = this.at;
    const [found = ''] = expression.exec(this.text) ?? [];
    this.at += found.length;
    return found;
  }

  /** Throws an InputError that shows the place, with a caret under it. */
  fail(
    message: string,
    { at = this.at, hint }: { readonly at?: number; readonly hint?: string | undefined } = {},
  ): never {
    const from = at > SHOWN * 1.5 ? at - SHOWN : 0;
    const to = this.text.length > at + SHOWN * 1.5 ? at + SHOWN : this.text.length;
    const before = (from > 0 ? '…' : '') + oneLine(this.text.slice(from, at));
    const after = oneLine(this.text.slice(at, to)) + (to < this.text.length ? '…' : '');
    throw new InputError(`${oneLine(message)}\n  ${before}${after}\n  ${' '.repeat([...before].length)}^`, { hint });
  }
}

/** Line breaks and tabs would carry the caret elsewhere. */
function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '�');
}
