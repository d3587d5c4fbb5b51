import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { abortReason, InterruptedError, OperationError } from '../errors/index.ts';
import type { Prompt } from './prompt.ts';

/** A person at this process's terminal; undefined where stdin or stderr is none. Questions go to stderr, one by one. */
export function terminalPrompt(
  input: NodeJS.ReadStream = process.stdin,
  output: NodeJS.WriteStream = process.stderr,
): Prompt | undefined {
  if (!input.isTTY || !output.isTTY) return undefined;
  let turn: Promise<unknown> = Promise.resolve();
  const ask = (question: string, shown: boolean, signal: AbortSignal | undefined): Promise<string> => {
    const answer = turn.then(() => askOnce(input, output, question, shown, signal));
    turn = answer.catch(() => undefined);
    return answer;
  };
  return {
    confirm: async (question, signal) => /^y(es)?$/i.test((await ask(`${question} (yes/no)`, true, signal)).trim()),
    secret: (question, signal) => ask(question, false, signal),
  };
}

async function askOnce(
  input: NodeJS.ReadStream,
  output: NodeJS.WriteStream,
  question: string,
  shown: boolean,
  signal: AbortSignal | undefined,
): Promise<string> {
  if (signal?.aborted) throw abortReason(signal);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  if (!shown) output.write(`\r${question} `);
  const lines = createInterface({ input, output: shown ? output : silent, terminal: true });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const onAbort = () => reject(abortReason(signal!));
  signal?.addEventListener('abort', onAbort, { once: true });
  // The terminal is in raw mode while a question is open: Ctrl-C comes as a key, and is made a signal again.
  lines.once('SIGINT', () => {
    reject(new InterruptedError());
    process.kill(process.pid, 'SIGINT');
  });
  lines.once('close', () => reject(new OperationError('nobody answered', { where: question })));
  lines.question(shown ? `${question} ` : '', resolve);
  try {
    return await promise;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    lines.close();
    if (!shown) output.write('\n');
  }
}
