import { foldHostNames } from '@etcdperf/core/config';
import type { HostRun, HostRunResult } from '../../services/hosts/run-on-hosts.ts';

/** Identical outputs once, under the folded names of the hosts that gave them; failures last. */
export function renderFolded({ hosts }: HostRunResult): string {
  const byText = new Map<string, string[]>();
  for (const run of hosts) {
    const text = outcomeText(run);
    byText.set(text, [...(byText.get(text) ?? []), run.host]);
  }
  return [...byText].map(([text, names]) => `${foldHostNames(names)} (${names.length})\n${indent(text)}`).join('\n');
}

/** After streamed output: who did not end with 0, and why. Empty when all did. */
export function renderFailures({ hosts }: HostRunResult): string {
  return hosts
    .filter(({ status }) => status !== 'ok')
    .map((run) => `${run.host}: ${run.status === 'failed' ? failureText(run) : endText(run)}`)
    .join('\n');
}

function outcomeText(run: HostRun): string {
  if (run.status === 'failed') return failureText(run);
  const output = `${run.stdout}${run.stderr}`.trimEnd();
  return run.status === 'ok' ? output : [output, endText(run)].filter(Boolean).join('\n');
}

function endText(run: Exclude<HostRun, { status: 'failed' }>): string {
  return run.code === null ? `ended by ${run.signal}` : `exit ${run.code}`;
}

function failureText({ error, hint }: Extract<HostRun, { status: 'failed' }>): string {
  return hint === undefined ? `failed: ${error}` : `failed: ${error} (${hint})`;
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`.trimEnd())
    .join('\n');
}
