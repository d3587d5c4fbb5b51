import { type ClockReading, measureClock } from '@etcdperf/core/clock';
import { fanOut } from '@etcdperf/core/ssh';
import type { ClockErrors } from './clock-errors.ts';
import type { ElectionHost } from './site.ts';

/** What is known of one host's clock. */
export interface HostClock {
  readonly host: string;
  /** The worst of all readings. */
  readonly errorBarMs: number;
  readonly source: ClockReading['source'];
  readonly synchronised: boolean;
}

/** Measures the clocks of all hosts at once. A host that can't be measured is left out. */
export async function measureClocks(hosts: readonly ElectionHost[], signal?: AbortSignal): Promise<HostClock[]> {
  const results = await fanOut(hosts, (host) => measureClock(host.executor), { signal });
  return results.flatMap((result, index) => {
    if (result.status === 'failed') return [];
    const { errorBarMs, source, synchronised } = result.value;
    return [{ host: hosts[index]!.name, errorBarMs, source, synchronised }];
  });
}

/** Two series of readings as one: of each host the worse one. */
export function worseClocks(before: readonly HostClock[], after: readonly HostClock[]): HostClock[] {
  const worst = new Map(before.map((clock) => [clock.host, clock]));
  for (const clock of after) {
    const known = worst.get(clock.host);
    if (known === undefined || clock.errorBarMs > known.errorBarMs) worst.set(clock.host, clock);
  }
  return [...worst.values()];
}

export function clockErrors(clocks: readonly HostClock[]): ClockErrors {
  return new Map(clocks.map((clock) => [clock.host, clock.errorBarMs]));
}
