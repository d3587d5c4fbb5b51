import type { RunOptions } from './executor.ts';

/** Hands output on as it comes and, unless told not to, keeps it for the result. */
export class OutputCollector {
  readonly stdout: (chunk: Buffer) => void;
  readonly stderr: (chunk: Buffer) => void;
  readonly #stdout: Buffer[] = [];
  readonly #stderr: Buffer[] = [];

  constructor(options: Pick<RunOptions, 'onStdout' | 'onStderr' | 'gather'>) {
    const gather = options.gather ?? true;
    this.stdout = (chunk) => {
      if (gather) this.#stdout.push(chunk);
      options.onStdout?.(chunk);
    };
    this.stderr = (chunk) => {
      if (gather) this.#stderr.push(chunk);
      options.onStderr?.(chunk);
    };
  }

  texts(): { stdout: string; stderr: string } {
    return { stdout: Buffer.concat(this.#stdout).toString(), stderr: Buffer.concat(this.#stderr).toString() };
  }

  stdoutBytes(): Buffer {
    return Buffer.concat(this.#stdout);
  }
}
