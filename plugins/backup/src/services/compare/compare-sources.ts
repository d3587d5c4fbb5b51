import type { ClusterAccess } from '@etcdperf/core/etcd';
import type { Contents } from '../../contents/contents.ts';
import type { DumpFile } from '../../formats/dump-file.ts';
import { openDumpFile } from '../../formats/open-dump-file.ts';
import { openLive } from '../live/open-live.ts';
import { checkDump, dumpNotes } from './check-dump.ts';
import { type CompareOptions, compareContents } from './compare-contents.ts';
import type { CompareReport } from './compare-report.ts';
import { DifferencesFile } from './differences-file.ts';

/** Where contents are. */
export type CompareSource =
  /** `-` is standard input. */
  | { readonly kind: 'dump'; readonly path: string }
  | {
      readonly kind: 'cluster';
      /** How messages call it. */
      readonly name: string;
      readonly access: ClusterAccess;
      /** Default: the one it is at. */
      readonly revision: number | undefined;
    };

export interface CompareRequest extends Omit<CompareOptions, 'file' | 'signal' | 'onProgress'> {
  readonly a: CompareSource;
  readonly b: CompareSource;
  /** Where all differences are written to. */
  readonly outputPath?: string | undefined;
  /** Of one request to a cluster. */
  readonly timeoutMs: number;
}

export interface CompareContext {
  readonly signal: AbortSignal;
  readonly onStep: (text: string) => void;
}

export interface SourcesReport extends CompareReport {
  /** What was compared, as text: empty for everything. */
  readonly prefixes: readonly string[];
  /** One sentence for each thing that must be known to judge the differences. */
  readonly notes: readonly string[];
  readonly outputPath: string | undefined;
}

/** How many keys lie between two signs of life. */
const STEP_KEYS = 100_000;

/** Rejects with an InputError for what can't be compared, an OperationError for what can't be read. */
export async function compareSources(request: CompareRequest, context: CompareContext): Promise<SourcesReport> {
  const { mapping } = request;
  await using stack = new AsyncDisposableStack();
  const dumpOf = async (source: CompareSource): Promise<DumpFile | undefined> =>
    source.kind === 'dump' ? stack.use(await openDumpFile(source.path, context.signal)) : undefined;
  const dumpA = await dumpOf(request.a);
  const dumpB = await dumpOf(request.b);
  const prefixes = mapping === undefined ? comparedPrefixes(request.prefixes, dumpA, dumpB) : [];
  const [ofA, ofB] = mapping === undefined ? [prefixes, prefixes] : [[mapping.from], [mapping.to]];
  if (dumpA !== undefined) checkDump(dumpA, request.fields, request.prefixes.length > 0 || mapping ? ofA : []);
  if (dumpB !== undefined) checkDump(dumpB, request.fields, request.prefixes.length > 0 || mapping ? ofB : []);

  const liveOf = async (source: CompareSource, wanted: readonly Buffer[], other: DumpFile | undefined) => {
    if (source.kind === 'dump') return undefined;
    const { access, name, revision } = source;
    const live = { access, name, revision, prefixes: wanted, timeoutMs: request.timeoutMs, signal: context.signal };
    return stack.use(
      await openLive({
        ...live,
        keysOnly: other !== undefined && hasNothingOfValues(other),
        sinceRevision: other?.manifest?.sinceRevision,
      }),
    );
  };
  const a: Contents = dumpA ?? (await liveOf(request.a, ofA, dumpB))!;
  const b: Contents = dumpB ?? (await liveOf(request.b, ofB, dumpA))!;
  const file =
    request.outputPath === undefined ? undefined : stack.use(await DifferencesFile.create(request.outputPath));
  const report = await compareContents(a, b, {
    ...request,
    prefixes,
    file,
    signal: context.signal,
    onProgress: (keys) => {
      if (keys >= STEP_KEYS) context.onStep(`compared ${keys - (keys % STEP_KEYS)} keys`);
    },
  });
  await file?.finish();
  return {
    ...report,
    // The empty prefix is everything, which needs no word.
    prefixes: prefixes.some(({ length }) => length === 0) ? [] : prefixes.map((prefix) => prefix.toString()),
    notes: [...dumpNotes(dumpA), ...dumpNotes(dumpB), ...scopeNotes(request, dumpA, dumpB)],
    outputPath: request.outputPath,
  };
}

/** Of a cluster only that is compared which a dump of it was made of, unless the user says it. */
function comparedPrefixes(
  asked: readonly Buffer[],
  a: DumpFile | undefined,
  b: DumpFile | undefined,
): readonly Buffer[] {
  if (asked.length > 0) return asked;
  if (a !== undefined && b !== undefined) return [];
  return (a ?? b)?.origin.prefixes ?? [];
}

/** A dump of other prefixes is no mistake, but explains differences. */
function scopeNotes({ prefixes }: CompareRequest, a: DumpFile | undefined, b: DumpFile | undefined): string[] {
  if (prefixes.length > 0 || a?.manifest === undefined || b?.manifest === undefined) return [];
  const text = ({ origin }: DumpFile) =>
    origin.prefixes.every(({ length }) => length === 0)
      ? 'all keys'
      : origin.prefixes.map((prefix) => `'${prefix.toString()}'`).join(', ');
  return text(a) === text(b) ? [] : [`A was made of ${text(a)}, B of ${text(b)}`];
}

function hasNothingOfValues({ layout, manifest }: DumpFile): boolean {
  // Without a manifest nothing is known of the lines of JSON to come.
  if (layout.format === 'jsonl' && manifest === undefined) return false;
  return !layout.columns.includes('value') && !layout.columns.includes('value_size');
}
