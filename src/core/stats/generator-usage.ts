/** How busy this process is. */
export interface GeneratorUsage {
  /** CPU time over wall time since the start or the last reset, in percent of one core: 200 is two cores. */
  cpuPercent(): number;
  reset(): void;
}

/** @param clock wall time in ns and CPU time in µs; for tests */
export function generatorUsage(
  clock: { readonly wallNs: () => bigint; readonly cpuUs: () => number } = {
    wallNs: () => process.hrtime.bigint(),
    cpuUs: () => {
      const { user, system } = process.cpuUsage();
      return user + system;
    },
  },
): GeneratorUsage {
  let wallNs = clock.wallNs();
  let cpuUs = clock.cpuUs();
  return {
    cpuPercent: () => {
      const elapsedNs = Number(clock.wallNs() - wallNs);
      return elapsedNs <= 0 ? 0 : ((clock.cpuUs() - cpuUs) * 1000 * 100) / elapsedNs;
    },
    reset: () => {
      wallNs = clock.wallNs();
      cpuUs = clock.cpuUs();
    },
  };
}
