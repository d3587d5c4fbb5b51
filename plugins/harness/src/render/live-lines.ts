import { styleText } from 'node:util';
import type { GatheredLine } from '../services/logs/gather-logs.ts';
import type { LogsReport } from '../services/logs/logs-report.ts';
import { parseLogLine } from '../services/logs/parse-log-line.ts';

const COLOURS = ['cyan', 'yellow', 'magenta', 'green', 'blue', 'redBright', 'cyanBright', 'yellowBright'] as const;
/** More is for the files. */
const MOST_KEPT = 200;

/** Lines of several members, one below the other. */
export class LiveLines {
  readonly #isColoured: boolean;
  readonly #names: readonly string[];
  readonly #width: number;
  #kept: GatheredLine[] = [];
  #seen = 0;

  /** @param names of all members as `nameOf` has them */
  constructor({ isColoured, names }: { readonly isColoured: boolean; readonly names: readonly string[] }) {
    this.#isColoured = isColoured;
    this.#names = names;
    this.#width = Math.max(0, ...names.map((name) => name.length));
  }

  render({ cluster, member, text, atMs }: GatheredLine, mark = ' '): string {
    const full = `${cluster}/${member}`;
    const name = this.#names.includes(full) ? full : member;
    const index = Math.max(0, this.#names.indexOf(name));
    const colour = COLOURS[index % COLOURS.length]!;
    const head = `${atMs === undefined ? ''.padEnd(12) : new Date(atMs).toISOString().slice(11, 23)}${mark}${name.padEnd(this.#width)}`;
    const line = readable(text);
    return this.#isColoured ? `${styleText(colour, head, { validateStream: false })} ${line}` : `${head} ${line}`;
  }

  /** For `kept`: the newest ones stay. */
  keep(line: GatheredLine): void {
    this.#seen += 1;
    this.#kept.push(line);
    if (this.#kept.length >= 2 * MOST_KEPT) this.#trim();
  }

  /** What was kept, in the order of time. `~`: by the clocks’ error bars it may have come before the line above. */
  kept(report: LogsReport): string[] {
    this.#trim();
    if (this.#kept.length === 0) return [];
    const errors = new Map(
      report.clusters.flatMap(({ cluster, members }) =>
        members.map(({ member, clock }) => [`${cluster}/${member}`, clock?.errorBarMs ?? 0] as const),
      ),
    );
    const lines = this.#kept.map((line, index) =>
      this.render(line, isUnsure(this.#kept[index - 1], line, errors) ? '~' : ' '),
    );
    const more = this.#seen - this.#kept.length;
    return [...(more > 0 ? [`… ${more} earlier lines are in the files`] : []), ...lines, ''];
  }

  #trim(): void {
    this.#kept.sort((a, b) => (a.atMs ?? 0) - (b.atMs ?? 0));
    this.#kept = this.#kept.slice(-MOST_KEPT);
  }
}

function isUnsure(before: GatheredLine | undefined, line: GatheredLine, errors: ReadonlyMap<string, number>): boolean {
  if (before?.atMs === undefined || line.atMs === undefined) return false;
  const [one, other] = [`${before.cluster}/${before.member}`, `${line.cluster}/${line.member}`];
  return one !== other && line.atMs - before.atMs < (errors.get(one) ?? 0) + (errors.get(other) ?? 0);
}

/** `warn apply request took too long took=1.5s …`; what is no line of etcd's stays as it is. */
function readable(text: string): string {
  const line = parseLogLine(text);
  if (line === undefined) return text;
  const fields = Object.entries(line.fields).filter(([name]) => name !== 'logger' && name !== 'stacktrace');
  const said = fields.map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return [line.level.padEnd(5), line.message, ...said].join(' ');
}
