/** Flags that say which cluster it is and how it is reached; passwords are none of them. */
const REACHING = [
  'inventory',
  'cluster',
  'endpoints',
  'cacert',
  'cert',
  'key',
  'user',
  'password-file',
  'runs-dir',
] as const;

type ReachingFlagValues = { readonly [Name in (typeof REACHING)[number]]?: string | undefined };

/** The command line that goes on with a run on the same cluster, ready for a shell. */
export function resumeWith(command: string, run: string, flags: ReachingFlagValues): string {
  const reaching = REACHING.flatMap((name) => {
    const value = flags[name];
    return value === undefined ? [] : [`--${name}`, shellWord(value)];
  });
  return [command, '--resume', run, ...reaching].join(' ');
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
