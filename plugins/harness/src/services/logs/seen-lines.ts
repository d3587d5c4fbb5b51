import { timeOfLine } from './parse-log-line.ts';

/** How long back lines are remembered: a log can be taken up from a whole second on only, by a clock not etcd's own. */
const REMEMBERED_MS = 3000;

/** What has been read of a log, so that it can be taken up again without a line lost or told twice. */
export class SeenLines {
  #recent: { readonly text: string; readonly atMs: number }[] = [];
  #lastMs: number | undefined;
  /** Lines that will come again, and how often. */
  #again = new Map<string, number>();

  /** From when on the log has to be asked for; undefined where nothing has been read. */
  takeUp(): Date | undefined {
    if (this.#lastMs === undefined) return undefined;
    this.#again = new Map();
    for (const { text } of this.#recent) this.#again.set(text, (this.#again.get(text) ?? 0) + 1);
    return new Date(Math.floor((this.#lastMs - REMEMBERED_MS / 2) / 1000) * 1000);
  }

  /** Another log begins. */
  forget(): void {
    this.#recent = [];
    this.#lastMs = undefined;
    this.#again = new Map();
  }

  /** Those of the lines that have not been read before. */
  fresh(lines: readonly string[]): string[] {
    const fresh = lines.filter((line) => !this.#isAgain(line));
    for (const text of fresh) {
      this.#lastMs = timeOfLine(text) ?? this.#lastMs;
      if (this.#lastMs !== undefined) this.#recent.push({ text, atMs: this.#lastMs });
    }
    const oldest = (this.#lastMs ?? 0) - REMEMBERED_MS;
    const kept = this.#recent.findIndex(({ atMs }) => atMs >= oldest);
    if (kept > 0) this.#recent.splice(0, kept);
    return fresh;
  }

  #isAgain(line: string): boolean {
    const times = this.#again.get(line);
    if (times === undefined) return false;
    if (times === 1) this.#again.delete(line);
    else this.#again.set(line, times - 1);
    return true;
  }
}
