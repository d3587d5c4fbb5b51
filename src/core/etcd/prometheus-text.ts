/** One time series and its value. */
export interface PrometheusSample {
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

const NAME = /^[a-zA-Z_:][\w:]*/;
const LABEL = /\s*([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(,|(?=\}))/y;

/**
 * Reads what a /metrics page says (the Prometheus text exposition format 0.0.4): samples by metric name. Comments,
 * types and timestamps are passed over, as is a line that is not understood.
 *
 * @param only metrics whose names begin so; default: all
 */
export function parsePrometheus(text: string, only = ''): Map<string, PrometheusSample[]> {
  const metrics = new Map<string, PrometheusSample[]>();
  for (const line of linesOf(text, only)) {
    const name = NAME.exec(line)?.[0];
    if (name === undefined) continue;
    const sample = parseSample(line, name.length);
    if (sample === undefined) continue;
    const samples = metrics.get(name);
    if (samples === undefined) metrics.set(name, [sample]);
    else samples.push(sample);
  }
  return metrics;
}

/**
 * One metric's samples added up, whatever their labels; undefined without any. A counter of requests has a line for each
 * method and status, most of a page: these are not taken apart.
 */
export function sumPrometheus(text: string, name: string): number | undefined {
  let sum: number | undefined;
  for (const line of linesOf(text, name)) {
    const after = line[name.length];
    if (after !== '{' && after !== ' ' && after !== '\t') continue;
    const [figure = ''] = line
      .slice(after === '{' ? line.lastIndexOf('}') + 1 : name.length)
      .trimStart()
      .split(/\s/, 1);
    const value = parseValue(figure);
    if (value !== undefined) sum = (sum ?? 0) + value;
  }
  return sum;
}

/** The lines that begin so: found without a look at the others, which are most of a page with a thousand of them. */
function* linesOf(text: string, beginning: string): Iterable<string> {
  let start = text.startsWith(beginning) ? 0 : text.indexOf(`\n${beginning}`) + 1;
  if (start === 0 && !text.startsWith(beginning)) return;
  while (start >= 0) {
    const end = text.indexOf('\n', start);
    yield text.slice(start, end === -1 ? undefined : end);
    const next = end === -1 ? -1 : text.indexOf(`\n${beginning}`, end);
    start = next === -1 ? -1 : next + 1;
  }
}

function parseSample(line: string, start: number): PrometheusSample | undefined {
  const labels = new Map<string, string>();
  let at = start;
  while (line[at] === ' ' || line[at] === '\t') at += 1;
  if (line[at] === '{') {
    at += 1;
    while (line[at] !== '}') {
      LABEL.lastIndex = at;
      const label = LABEL.exec(line);
      if (label === null) return undefined;
      labels.set(
        label[1]!,
        label[2]!.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char)),
      );
      at = LABEL.lastIndex;
    }
    at += 1;
  }
  const [text = ''] = line.slice(at).trim().split(/\s+/);
  const value = parseValue(text);
  return value === undefined ? undefined : { labels, value };
}

function parseValue(text: string): number | undefined {
  if (text === '+Inf' || text === 'Inf') return Number.POSITIVE_INFINITY;
  if (text === '-Inf') return Number.NEGATIVE_INFINITY;
  if (text === 'NaN') return Number.NaN;
  const value = Number(text);
  return text === '' || Number.isNaN(value) ? undefined : value;
}
