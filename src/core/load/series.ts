import { LatencyRecorder, type RecorderJson } from '../stats/index.ts';

/** How a request ended. `unknown`: a write that may have happened. */
export type Outcome = 'ok' | 'fail' | 'unknown';

export interface SeriesJson {
  readonly name: string;
  readonly ok: number;
  readonly fail: number;
  readonly unknown: number;
  readonly latency: RecorderJson;
}

/** What is counted of one kind of request, or of anything else that has a latency (a watch event's delivery). */
export class Series {
  readonly name: string;
  ok = 0;
  fail = 0;
  unknown = 0;
  /** Of what was answered `ok`, in ns from the intended start. */
  latency = new LatencyRecorder();

  constructor(name: string) {
    this.name = name;
  }

  merge(other: Series): void {
    this.ok += other.ok;
    this.fail += other.fail;
    this.unknown += other.unknown;
    this.latency.merge(other.latency);
  }

  /** Forgets all, and keeps its memory for what comes. */
  clear(): void {
    this.ok = 0;
    this.fail = 0;
    this.unknown = 0;
    this.latency.clear();
  }

  toJSON(): SeriesJson {
    const { name, ok, fail, unknown } = this;
    return { name, ok, fail, unknown, latency: this.latency.toJSON() };
  }

  static fromJSON(json: SeriesJson): Series {
    const series = new Series(json.name);
    series.ok = json.ok;
    series.fail = json.fail;
    series.unknown = json.unknown;
    series.latency = LatencyRecorder.fromJSON(json.latency);
    return series;
  }
}
