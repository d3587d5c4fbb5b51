import { expect, test } from 'vitest';
import { GrpcStatus, type TemplateOutcome } from '../wire/index.ts';
import { judgeTemplateFailure } from './judge-failure.ts';

// [status, how it ended, message; then what it is for a write, what comes next, and whether the load goes on]
const TABLE: readonly [number, TemplateOutcome, string, 'fail' | 'unknown', 'go' | 'rest', boolean][] = [
  // Nobody knows.
  [GrpcStatus.unavailable, 'lost', 'read ECONNRESET', 'unknown', 'rest', true],
  [GrpcStatus.deadlineExceeded, 'lost', 'no answer in time', 'unknown', 'go', true],
  [GrpcStatus.unavailable, 'answered', 'etcdserver: request timed out', 'unknown', 'go', true],
  [GrpcStatus.unavailable, 'answered', 'etcdserver: leader changed', 'unknown', 'rest', true],
  // It certainly did not happen.
  [GrpcStatus.unavailable, 'unprocessed', 'the server said GOAWAY', 'fail', 'rest', true],
  [GrpcStatus.unavailable, 'answered', 'etcdserver: no leader', 'fail', 'rest', true],
  [GrpcStatus.unknown, 'answered', 'etcdserver: too many requests', 'fail', 'rest', true],
  [GrpcStatus.unauthenticated, 'answered', 'etcdserver: invalid auth token', 'fail', 'rest', true],
  // A refusal is an answer: the next one may be asked for at once.
  [GrpcStatus.outOfRange, 'answered', 'etcdserver: mvcc: required revision has been compacted', 'fail', 'go', true],
  // Going on makes no sense.
  [GrpcStatus.resourceExhausted, 'answered', 'etcdserver: mvcc: database space exceeded', 'unknown', 'go', false],
  [GrpcStatus.permissionDenied, 'answered', 'etcdserver: permission denied', 'fail', 'go', false],
  [GrpcStatus.invalidArgument, 'answered', 'etcdserver: request is too large', 'fail', 'go', false],
];

test.each(TABLE)('status %i, %s: %s', (status, ended, message, ofWrite, nextMove, goesOn) => {
  const failure = judgeTemplateFailure(status, ended, message, true, 5000);
  expect(failure).toMatchObject({ outcome: ofWrite, nextMove });
  expect(failure.senseless === undefined).toBe(goesOn);
  expect(judgeTemplateFailure(status, ended, message, false, 5000).outcome).toBe('fail');
});

test('the words tell the time that was allowed, and are there where etcd has none', () => {
  expect(judgeTemplateFailure(GrpcStatus.deadlineExceeded, 'lost', 'x', true, 700).message).toBe(
    'no answer within 700 ms',
  );
  expect(judgeTemplateFailure(GrpcStatus.dataLoss, 'answered', '', true, 700).message).toBe('gRPC status 15');
});
