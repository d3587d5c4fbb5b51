import { timeOfLine } from './parse-log-line.ts';

export interface LineWanted {
  /** Unix milliseconds. */
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
  readonly grep?: RegExp | undefined;
}

/** A line of the window, and when it was written. */
export interface TimedLine {
  readonly text: string;
  /** Unix milliseconds; of a line without a time that of the line before it. Undefined where none had one yet. */
  readonly atMs: number | undefined;
}

/** Chooses the lines of one log that are wanted, one after the other. */
export class LineFilter {
  readonly #wanted: LineWanted;
  #atMs: number | undefined;

  constructor(wanted: LineWanted) {
    this.#wanted = wanted;
  }

  choose(lines: readonly string[]): TimedLine[] {
    const { grep } = this.#wanted;
    const chosen: TimedLine[] = [];
    for (const text of lines) {
      this.#atMs = timeOfLine(text) ?? this.#atMs;
      if (this.#isWithin(this.#atMs) && (grep === undefined || grep.test(text)))
        chosen.push({ text, atMs: this.#atMs });
    }
    return chosen;
  }

  #isWithin(atMs: number | undefined): boolean {
    const { sinceMs, untilMs } = this.#wanted;
    if (atMs === undefined) return sinceMs === undefined;
    return (sinceMs === undefined || atMs >= sinceMs) && (untilMs === undefined || atMs <= untilMs);
  }
}
