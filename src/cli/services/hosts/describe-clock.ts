import { type ClockReading, type ClockVerdict, judgeClocks } from '@etcdperf/core/clock';
import type { ClockConfig } from '@etcdperf/core/config';
import type { HostPreparation } from './init-hosts.ts';
import type { StepResult } from './step.ts';

/** Milliseconds with as many digits as matter. */
export function renderMs(ms: number): string {
  const digits = Math.abs(ms) >= 100 ? 0 : Math.abs(ms) >= 1 ? 1 : 3;
  return `${ms.toFixed(digits)} ms`;
}

/** Why a clock is not as it should be; undefined where it is. */
export function describeVerdict(verdict: ClockVerdict): string | undefined {
  switch (verdict.kind) {
    case 'ok':
      return undefined;
    case 'unsynchronised':
      return 'follows no source';
    case 'apart':
      return `${renderMs(verdict.byMs)} off ${verdict.from}`;
    default:
      throw new Error(`no such verdict: ${JSON.stringify(verdict satisfies never)}`);
  }
}

/** A clock step with what was measured: `… ; -0.012 ms off 192.0.2.2, error bar 0.4 ms`. */
export function describeClock(step: StepResult, clock: ClockReading | undefined): StepResult {
  if (clock === undefined) return step;
  const from = clock.reference ? ` off ${clock.reference}` : '';
  const measured = `${renderMs(clock.offsetMs)}${from}, error bar ${renderMs(clock.errorBarMs)}`;
  return { ...step, detail: step.detail ? `${step.detail}; ${measured}` : measured };
}

/** The clock steps of all hosts, judged together: clocks that are too far apart are failures. */
export function judgePreparation(hosts: readonly HostPreparation[], clock: ClockConfig): HostPreparation[] {
  const measured = hosts.filter((host) => host.clock !== undefined);
  const verdicts = judgeClocks(
    measured.map((host) => host.clock!),
    // What a host without chrony follows is nothing that its clock could tell.
    { maxOffsetMs: clock.maxOffsetMs, mustFollow: false },
  );
  const problems = new Map(measured.map((host, index) => [host.host, describeVerdict(verdicts[index]!)]));
  return hosts.map((host) => {
    const problem = problems.get(host.host);
    if (problem === undefined) return host;
    const detail = `${problem}: more than ${renderMs(clock.maxOffsetMs)}`;
    const steps = host.steps.map(
      (step): StepResult =>
        step.step === 'clock' && step.status !== 'failed' ? { ...step, status: 'failed', detail } : step,
    );
    return { ...host, steps };
  });
}
