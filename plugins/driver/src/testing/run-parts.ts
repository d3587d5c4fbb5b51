import { type LoadFigures, type LoadPart, type MixedLoadOptions, openMixedLoad } from '@etcdperf/core/load';

type Options = Partial<MixedLoadOptions['plan'] & Pick<MixedLoadOptions, 'reconnectAfter'>>;

export interface RunningParts {
  /** Ends it; what it counted. */
  end(): Promise<LoadFigures>;
  /** What it counted, when it has ended by itself. */
  readonly over: Promise<LoadFigures>;
}

/** Starts the parts of a driver against real members, until they end or are ended. */
export async function startParts(
  endpoints: readonly string[],
  parts: readonly LoadPart[],
  { reconnectAfter = 0, ...plan }: Options = {},
): Promise<RunningParts> {
  const load = openMixedLoad({
    access: { endpoints: [...endpoints] },
    plan: {
      end: { kind: 'duration', ms: 3_600_000 },
      warmupMs: 0,
      connections: 3,
      maxInFlight: 300,
      timeoutMs: 20_000,
      seed: 1,
      ...plan,
    },
    parts,
    reconnectAfter,
  });
  const ending = new AbortController();
  await load.prepare(ending.signal);
  const over = load
    .run(ending.signal, () => {})
    .then(() => load.take())
    .finally(() => load[Symbol.asyncDispose]());
  // Whoever waits for it hears of it.
  over.catch(() => {});
  return {
    over,
    end: () => {
      ending.abort();
      return over;
    },
  };
}

/** Runs parts that end by themselves. */
export async function runParts(
  endpoints: readonly string[],
  parts: readonly LoadPart[],
  options?: Options,
): Promise<LoadFigures> {
  const running = await startParts(endpoints, parts, options);
  return await running.over;
}
