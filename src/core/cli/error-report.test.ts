import { expect, test } from 'vitest';
import { InputError, InterruptedError, OperationError } from '../errors/index.ts';
import { errorReport, renderErrorReport } from './error-report.ts';

test('an operation that failed says where and what to try', () => {
  const report = errorReport(new OperationError('connection refused', { where: 'node3', hint: 'is sshd running?' }));
  expect(report.exitCode).toBe(1);
  expect(renderErrorReport(report, false)).toBe('error: node3: connection refused\ntry: is sshd running?');
});

test('wrong input lists every problem', () => {
  const error = new InputError('the inventory has 2 errors', {
    where: 'lab.yaml',
    problems: [
      { message: "unknown key 'hots'", where: 'lab.yaml:3:1', hint: "did you mean 'hosts'?" },
      { message: 'port 0 is out of range', where: 'lab.yaml:9:11' },
    ],
  });
  const report = errorReport(error);
  expect(report.exitCode).toBe(2);
  expect(renderErrorReport(report, false)).toBe(
    [
      'error: lab.yaml: the inventory has 2 errors',
      "  lab.yaml:3:1: unknown key 'hots'",
      "    did you mean 'hosts'?",
      '  lab.yaml:9:11: port 0 is out of range',
    ].join('\n'),
  );
});

test('of a flag whose value was refused, the flag is where it went wrong', () => {
  const refused = (error: Error) =>
    Object.assign(error, { message: `Parsing --rate \n\t${error.message}\nSee more help with --help` });
  expect(errorReport(refused(new InputError("'x' is no rate", { hint: 'write 5000/s' })))).toMatchObject({
    where: '--rate',
    message: "'x' is no rate",
    hint: 'write 5000/s',
    exitCode: 2,
  });
  const ofOclif = Object.assign(refused(new Error('Expected an integer')), { oclif: { exit: 2 } });
  expect(renderErrorReport(errorReport(ofOclif), false)).toBe('error: --rate: Expected an integer');
});

test.each([
  [new InterruptedError(), 130],
  [new Error('boom'), 1],
  [Object.assign(new Error('Nonexistent flag'), { oclif: { exit: 2 } }), 2],
  ['text', 1],
])('%s ends with %i', (error, exitCode) => {
  expect(errorReport(error).exitCode).toBe(exitCode);
});
