/** How a flag is defined, as far as it matters how it is written. */
type FlagKinds = Readonly<Record<string, { readonly type: 'boolean' | 'option' }>>;

const YES = /^(1|t|true)$/i;
const NO = /^(0|f|false)$/i;

/**
 * Command lines as the driver's users have them in their scripts: `-put-rate=5` and `-put-rate 5` are `--put-rate`, and
 * what is on or off may say so, `--skip-init=true`. All else stays as it is.
 */
export function oldStyleArgv(argv: readonly string[], flags: FlagKinds): string[] {
  const end = argv.indexOf('--');
  const [before, after] = end === -1 ? [argv, []] : [argv.slice(0, end), argv.slice(end)];
  const written = before.flatMap((word, index) => {
    const [, name = '', value] = /^--?([a-z][a-z-]+)(?:=(.*))?$/s.exec(word) ?? [];
    const kind = Object.hasOwn(flags, name) ? flags[name]?.type : undefined;
    if (kind === undefined || takesNext(before[index - 1], flags)) return [word];
    if (kind === 'boolean' && value !== undefined) {
      if (NO.test(value)) return [];
      return YES.test(value) ? [`--${name}`] : [word];
    }
    return [value === undefined ? `--${name}` : `--${name}=${value}`];
  });
  return [...written, ...after];
}

/** Whether what follows is its value, however that looks. */
function takesNext(word: string | undefined, flags: FlagKinds): boolean {
  const [, name = ''] = /^--?([a-z][a-z-]+)$/.exec(word ?? '') ?? [];
  return Object.hasOwn(flags, name) && flags[name]?.type === 'option';
}
