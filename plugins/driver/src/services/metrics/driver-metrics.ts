import type { IntervalSample } from '@etcdperf/core/load';
import { LatencyRecorder } from '@etcdperf/core/stats';
import { addCounters, LEVELS } from '../run/add-counters.ts';
import type { MetricFamily, MetricSample } from './exposition.ts';

interface SeriesTotals {
  ok: number;
  fail: number;
  unknown: number;
  readonly latency: LatencyRecorder;
}

/** Upper bounds, in seconds. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const NS_PER_SEC = 1e9;

/** What Prometheus is told of a driver: all since the start of this process. */
export class DriverMetrics {
  readonly #info: Readonly<Record<string, string>>;
  readonly #keys: number;
  readonly #startedAtSec = Date.now() / 1000;
  readonly #series = new Map<string, SeriesTotals>();
  /** Of phases that are over. */
  #countersBefore: Readonly<Record<string, number>> = {};
  #counters: Readonly<Record<string, number>> = {};
  #phase = 'start';
  #sent = 0;
  #inFlight = 0;

  /** @param info labels that tell this driver apart; @param keys of the pattern's space */
  constructor(info: Readonly<Record<string, string>>, keys: number) {
    this.#info = info;
    this.#keys = keys;
  }

  /** Counters of a load begin at 0 again. */
  enter(phase: 'load' | 'steady' | 'done'): void {
    this.#countersBefore = addCounters(this.#countersBefore, this.#counters);
    this.#counters = {};
    this.#phase = phase;
    this.#inFlight = 0;
  }

  add(sample: IntervalSample): void {
    for (const { name, ok, fail, unknown, histogram } of sample.series) {
      const totals = this.#series.get(name) ?? { ok: 0, fail: 0, unknown: 0, latency: new LatencyRecorder() };
      this.#series.set(name, totals);
      totals.ok += ok;
      totals.fail += fail;
      totals.unknown += unknown;
      totals.latency.merge(LatencyRecorder.fromJSON(histogram));
    }
    this.#counters = sample.counters;
    this.#sent += sample.sent;
    this.#inFlight = sample.inFlight;
  }

  families(): MetricFamily[] {
    const counter = (name: string, help: string, samples: readonly MetricSample[]): MetricFamily => ({
      name: `etcdperf_driver_${name}_total`,
      help,
      type: 'counter',
      samples,
    });
    const gauge = (name: string, help: string, samples: readonly MetricSample[]): MetricFamily => ({
      name: `etcdperf_driver_${name}`,
      help,
      type: 'gauge',
      samples,
    });
    return [
      gauge('info', 'What this driver is.', [{ labels: { ...this.#info, phase: this.#phase }, value: 1 }]),
      gauge('start_time_seconds', 'When this process began, since the epoch.', [{ value: this.#startedAtSec }]),
      gauge('keys', 'Keys of the pattern.', [{ value: this.#keys }]),
      gauge('requests_in_flight', 'Requests without an answer.', [{ value: this.#inFlight }]),
      counter('requests', 'Requests by kind and outcome; unknown: a write without an answer.', this.#outcomes()),
      {
        name: 'etcdperf_driver_request_duration_seconds',
        help: 'From when a request was due until its answer.',
        type: 'histogram',
        samples: [...this.#series].flatMap(([kind, { latency }]) => buckets(kind, latency)),
      },
      counter('requests_sent', 'Requests handed to a socket.', [{ value: this.#sent }]),
      counter('requests_late', 'Sent more than 1 ms after they were due.', this.#byKind('late.')),
      counter('requests_dropped', 'Due and never sent.', this.#byKind('dropped.')),
      ...this.#counted().map(([name, value]) =>
        LEVELS.has(name)
          ? gauge(snakeCase(name), `${words(name)}, now.`, [{ value }])
          : counter(snakeCase(name), `${words(name)}, since the start.`, [{ value }]),
      ),
    ];
  }

  #outcomes(): MetricSample[] {
    return [...this.#series].flatMap(([kind, totals]) =>
      (['ok', 'fail', 'unknown'] as const).map((outcome) => ({ labels: { kind, outcome }, value: totals[outcome] })),
    );
  }

  /** Of parts with a rate: `late.get` is the kind `get`. */
  #byKind(prefix: string): MetricSample[] {
    return this.#totals
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => ({ labels: { kind: name.slice(prefix.length) }, value }));
  }

  #counted(): [string, number][] {
    return this.#totals.filter(([name]) => !name.includes('.'));
  }

  get #totals(): [string, number][] {
    return Object.entries(addCounters(this.#countersBefore, this.#counters));
  }
}

/** Cumulative, as Prometheus wants them. */
function buckets(kind: string, latency: LatencyRecorder): MetricSample[] {
  const { count, meanMs } = latency.summary();
  return [
    ...BUCKETS.map((bound) => ({
      suffix: '_bucket',
      labels: { kind, le: String(bound) },
      value: latency.countBelow(bound * NS_PER_SEC),
    })),
    { suffix: '_bucket', labels: { kind, le: '+Inf' }, value: count },
    { suffix: '_sum', labels: { kind }, value: count === 0 ? 0 : (meanMs * count) / 1000 },
    { suffix: '_count', labels: { kind }, value: count },
  ];
}

/** `putBytes` → `put_bytes`. */
function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replaceAll(/\W+/g, '_');
}

function words(name: string): string {
  const text = snakeCase(name).replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
