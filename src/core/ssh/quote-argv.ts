import { InputError } from '../errors/index.ts';

/** Words that every shell reads as themselves, wherever they stand; options may hold `=`, others would be assignments. */
const PLAIN = /^(--?[A-Za-z0-9_@%+=:,./-]*|[A-Za-z0-9_@%+:,./-]+)$/;
const KEYWORD =
  /^(if|then|else|elif|fi|do|done|case|esac|while|until|for|in|function|select|time|coproc|repeat|foreach|end|switch|begin|and|or|not|nocorrect|noglob)$/;

/** One shell word that stands for exactly `word`. Throws `InputError` on a NUL, which no argument can hold. */
function quoteWord(word: string): string {
  if (word.includes('\0')) throw new InputError('an argument holds a NUL byte, which no command can receive');
  return PLAIN.test(word) && !KEYWORD.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A shell command line that runs exactly `argv`, whatever characters it holds. */
export function quoteArgv(argv: readonly string[]): string {
  return argv.map(quoteWord).join(' ');
}
