import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { Prompt } from './prompt.ts';

/** A person at this process's terminal; undefined where stdin or stderr is none. Questions go to stderr. */
export function terminalPrompt(
  input: NodeJS.ReadStream = process.stdin,
  output: NodeJS.WriteStream = process.stderr,
): Prompt | undefined {
  if (!input.isTTY || !output.isTTY) return undefined;
  const ask = async (question: string, shown: boolean): Promise<string> => {
    output.write(`\r${question} `);
    const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
    const lines = createInterface({ input, output: shown ? output : silent, terminal: true });
    try {
      return await lines.question('');
    } finally {
      lines.close();
      if (!shown) output.write('\n');
    }
  };
  return {
    confirm: async (question) => /^y(es)?$/i.test((await ask(`${question} (yes/no)`, true)).trim()),
    secret: (question) => ask(question, false),
  };
}
