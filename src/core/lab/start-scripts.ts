import { spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { OperationError } from '../errors/index.ts';
import { labMark } from './lab-processes.ts';

/** The maker's hold on a lab: while nothing was said, the lab ends when this end of the pipe closes. */
export interface LabGuard {
  /** The lab outlives its maker from now on. */
  keep(): void;
  /** Ends the lab's processes. */
  drop(): void;
}

/** Starts the lab's own processes and waits until the bridge stands: the subnet's number, and the hold on it. */
export async function startSwitch(
  dir: string,
  signal: AbortSignal,
): Promise<{ readonly subnetNumber: number; readonly guard: LabGuard }> {
  const argv = ['sh', join(dir, 'scripts/switch.sh'), labMark(dir), dir];
  const { words, pipe } = await startUntilReady(argv, join(dir, 'switch.log'), 'the lab', signal);
  const guard = {
    keep: () => void pipe.end('keep\n'),
    drop: () => void pipe.destroy(),
  };
  return { subnetNumber: Number(words[0]), guard };
}

/** Boots one host inside the lab's namespaces and waits until its sshd listens. */
export async function startHost(
  dir: string,
  switchPid: number,
  host: { readonly index: number; readonly name: string },
  signal: AbortSignal,
): Promise<void> {
  const enter = ['nsenter', '--target', String(switchPid), '--mount', '--net', '--pid', '--'];
  const boot = ['sh', join(dir, 'scripts/host-boot.sh'), labMark(dir, host.name), dir, String(host.index), host.name];
  const log = join(dir, 'hosts', host.name, 'boot.log');
  const { pipe } = await startUntilReady([...enter, ...boot], log, `host ${host.name}`, signal);
  pipe.destroy();
}

/** Runs a script in a session of its own until it says `ready WORDS…` on stdout; its stderr goes to a log file. */
async function startUntilReady(
  argv: readonly string[],
  logFile: string,
  what: string,
  signal: AbortSignal,
): Promise<{ readonly words: readonly string[]; readonly pipe: Writable }> {
  signal.throwIfAborted();
  const [program = '', ...args] = argv;
  const log = await open(logFile, 'w');
  const child = spawn(program, args, { cwd: '/', detached: true, stdio: ['ignore', 'pipe', log.fd, 'pipe'] });
  await log.close();
  const pipe = child.stdio[3] as Writable;
  const { stdout } = child;
  if (stdout === null) throw new OperationError(`${what} could not be started`);
  pipe.on('error', () => {}); // the lab ended before we let go of it
  child.unref();
  try {
    const line = await firstLine(child, stdout, signal);
    const [word, ...words] = line.trim().split(' ');
    if (word !== 'ready') {
      const said = (await readFile(logFile, 'utf8').catch(() => '')).trim().split('\n').slice(-3).join('; ');
      throw new OperationError(`${what} did not start: ${said || 'it ended without a word'}`, { where: logFile });
    }
    // An idle pipe must not keep our process alive.
    (pipe as Writable & { unref?: () => void }).unref?.();
    return { words, pipe };
  } catch (error) {
    pipe.destroy();
    throw error;
  } finally {
    stdout.destroy();
  }
}

function firstLine(
  child: ReturnType<typeof spawn>,
  stdout: NodeJS.ReadableStream,
  signal: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const abort = () => reject(signal.reason);
    const done = (line: string) => {
      signal.removeEventListener('abort', abort);
      resolve(line);
    };
    signal.addEventListener('abort', abort, { once: true });
    stdout.setEncoding('utf8');
    stdout.on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('\n')) done(text.slice(0, text.indexOf('\n')));
    });
    stdout.on('end', () => done(text));
    child.on('error', (cause) => {
      signal.removeEventListener('abort', abort);
      reject(new OperationError(`could not run ${child.spawnfile}: ${cause.message}`, { cause }));
    });
  });
}
