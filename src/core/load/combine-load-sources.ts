import { LatencyRecorder } from '../stats/index.ts';
import type { LoadFigures, LoadPhase, LoadSource } from './load-source.ts';

/**
 * Several sources as one. The first leads: the others begin with its measured window, and are ended when it is over.
 * What one of them rejects with ends all of them. Their figures are added up; names of series and counters must differ.
 */
export function combineLoadSources(sources: readonly [LoadSource, ...LoadSource[]]): LoadSource {
  return sources.length === 1 ? sources[0] : new CombinedSources(sources);
}

class CombinedSources implements LoadSource {
  readonly laterSeries: readonly string[];
  readonly #sources: readonly [LoadSource, ...LoadSource[]];

  constructor(sources: readonly [LoadSource, ...LoadSource[]]) {
    this.#sources = sources;
    this.laterSeries = sources.flatMap((source) => source.laterSeries ?? []);
  }

  async prepare(signal: AbortSignal): Promise<void> {
    for (const source of this.#sources) await source.prepare(signal);
  }

  async run(signal: AbortSignal, onPhase: (phase: LoadPhase) => void): Promise<void> {
    const [leading, ...others] = this.#sources;
    const ending = new AbortController();
    const either = AbortSignal.any([signal, ending.signal]);
    let failure: { readonly error: unknown } | undefined;
    const fail = (error: unknown) => {
      failure ??= { error };
      ending.abort();
    };
    let beside: Promise<void>[] = [];
    const onLeading = (phase: LoadPhase) => {
      if (phase === 'measured') beside = others.map((source) => source.run(either, () => undefined).catch(fail));
      onPhase(phase);
    };
    await leading.run(either, onLeading).catch(fail);
    ending.abort();
    await Promise.all(beside);
    if (failure !== undefined) throw failure.error;
  }

  async take(): Promise<LoadFigures> {
    const parts = await Promise.all(this.#sources.map((source) => source.take()));
    const sum = (of: (part: LoadFigures) => number) => parts.reduce((all, part) => all + of(part), 0);
    const lateness = new LatencyRecorder();
    for (const part of parts) lateness.merge(part.lateness);
    return {
      series: parts.flatMap(({ series }) => series),
      errors: parts.flatMap(({ errors }) => errors),
      sent: sum(({ sent }) => sent),
      late: sum(({ late }) => late),
      dropped: sum(({ dropped }) => dropped),
      lateness,
      inFlight: sum(({ inFlight }) => inFlight),
      counters: Object.assign({}, ...parts.map(({ counters }) => counters)) as Record<string, number>,
      threadCpuMs: sum(({ threadCpuMs }) => threadCpuMs),
      eventLoopLagP99Ms: Math.max(...parts.map(({ eventLoopLagP99Ms }) => eventLoopLagP99Ms)),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = await Promise.allSettled(this.#sources.map((source) => source[Symbol.asyncDispose]()));
    for (const one of ended) if (one.status === 'rejected') throw one.reason;
  }
}
