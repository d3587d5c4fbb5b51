import type { RunResult } from './executor.ts';
import { BecomeError } from './ssh-error.ts';

/** How sudo gives root rights on a host. */
export type Sudo = { readonly kind: 'free' } | { readonly kind: 'password'; readonly password: string };

export interface SudoQuestion {
  readonly host: string;
  readonly user: string;
  /** Runs a command as the user, with this on its stdin. */
  readonly run: (argv: readonly string[], stdin?: string) => Promise<RunResult>;
  /** The user's password; asked for when sudo wants one. */
  readonly password: () => Promise<string | undefined>;
}

/** Whether sudo lets us in without a password, or with the one we have. Throws BecomeError where it doesn't. */
export async function findSudo({ host, user, run, password }: SudoQuestion): Promise<Sudo> {
  const refused = (said: string, hint: string) =>
    new BecomeError(`no root rights for ${user}: ${said}`, { where: host, hint });
  const free = await run(['sudo', '-n', 'true']);
  if (free.code === 0) return { kind: 'free' };
  if (free.code === 127) throw refused('there is no sudo', 'install sudo there, or log in as root');
  const given = await password();
  if (given === undefined) {
    const hint = "allow it in sudoers (NOPASSWD), or give the user's password with passwordFile or passwordEnv";
    throw refused(lastLine(free.stderr), hint);
  }
  const asked = await run(['sudo', '-k', '-S', '-p', '', 'true'], `${given}\n`);
  if (asked.code === 0) return { kind: 'password', password: given };
  throw refused(lastLine(asked.stderr) || lastLine(free.stderr), 'is the password right, and the user in sudoers?');
}

/** The command as root; a sudo that wants the password prints `marker` when it waits for it. */
export function sudoArgv(sudo: Sudo, argv: readonly string[], marker: string): string[] {
  switch (sudo.kind) {
    case 'free':
      return ['sudo', '-n', '--', ...argv];
    case 'password':
      // -k: it always asks, so the password can never be read by the command itself.
      return ['sudo', '-k', '-S', '-p', marker, '--', ...argv];
    default:
      return sudo satisfies never;
  }
}

/**
 * What passes stderr on without sudo's question: calls `onQuestion` once when `marker` came, in however many chunks.
 * Until then nothing but sudo itself can have written.
 */
export function withoutQuestion(marker: string, onQuestion: () => void, next: (chunk: Buffer) => void) {
  let held = Buffer.alloc(0);
  let asked = false;
  return {
    push(chunk: Buffer) {
      if (asked) return next(chunk);
      held = Buffer.concat([held, chunk]);
      const at = held.indexOf(marker);
      if (at < 0) return;
      asked = true;
      const rest = Buffer.concat([held.subarray(0, at), held.subarray(at + marker.length)]);
      if (rest.length > 0) next(rest);
      onQuestion();
    },
    /** Hands on what sudo said instead of asking. */
    end() {
      if (!asked && held.length > 0) next(held);
    },
  };
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
