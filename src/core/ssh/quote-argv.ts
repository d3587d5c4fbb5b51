import { InputError } from '../errors/index.ts';

/** Words that every POSIX shell reads as themselves. */
const PLAIN = /^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$/;

/** One shell word that stands for exactly `word`. Throws `InputError` on a NUL, which no argument can hold. */
function quoteWord(word: string): string {
  if (word.includes('\0')) throw new InputError('an argument holds a NUL byte, which no command can receive');
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A shell command line that runs exactly `argv`, whatever characters it holds. */
export function quoteArgv(argv: readonly string[]): string {
  return argv.map(quoteWord).join(' ');
}
