import { EtcdperfError, InputError } from '@etcdperf/core/errors';
import { runProcess } from './run-process.ts';

/** `node election.mjs candidate|agents <configuration file>`: exit 0 when told to end, 1 when it failed, 2 for wrong input. */
async function main(): Promise<number> {
  const [kind, configFile, ...rest] = process.argv.slice(2);
  try {
    if ((kind !== 'candidate' && kind !== 'agents') || configFile === undefined || rest.length > 0) {
      throw new InputError('usage: election.mjs candidate|agents <configuration file>');
    }
    await runProcess(kind, configFile);
    return 0;
  } catch (error) {
    process.stderr.write(`${tell(error)}\n`);
    return error instanceof EtcdperfError ? error.exitCode : 1;
  }
}

function tell(error: unknown): string {
  if (!(error instanceof EtcdperfError)) return error instanceof Error ? (error.stack ?? error.message) : String(error);
  const problems =
    error instanceof InputError ? error.problems.map(({ where, message }) => `\n  ${where}: ${message}`) : [];
  return [error.message, error.where && ` (${error.where})`, error.hint && `\n${error.hint}`, ...problems]
    .filter(Boolean)
    .join('');
}

process.exit(await main());
