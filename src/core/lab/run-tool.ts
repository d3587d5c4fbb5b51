import { spawn } from 'node:child_process';
import { OperationError } from '../errors/index.ts';

export interface ToolResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs one of this machine's programs in a session of its own, so that Ctrl-C reaches only us, and gathers its output.
 * Never throws for a non-zero code.
 */
export function runTool(argv: readonly string[], options: { readonly stdin?: string } = {}): Promise<ToolResult> {
  const [program = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.stdin.on('error', () => {}); // a program that doesn't read its input
    child.stdin.end(options.stdin ?? '');
    child.on('error', (cause) => reject(new OperationError(`could not run ${program}: ${cause.message}`, { cause })));
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Like {@link runTool}, but any code other than 0 is an OperationError with the program's own words. */
export async function runToolChecked(argv: readonly string[]): Promise<ToolResult> {
  const result = await runTool(argv);
  if (result.code !== 0) {
    throw new OperationError(`${argv.join(' ')} ended with ${result.code}: ${result.stderr.trim()}`);
  }
  return result;
}
