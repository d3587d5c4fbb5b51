import type { ClusterAccess, Target } from '@etcdperf/core/etcd';
import type { Contents } from '../../contents/contents.ts';
import { openDumpFile } from '../../formats/open-dump-file.ts';
import { openLive } from '../live/open-live.ts';
import { withinPrefixes } from '../within-prefixes.ts';
import { databaseShare, memberDatabases } from './database-share.ts';
import type { Measure } from './key-totals.ts';
import { type ChurnContext, measureChurn } from './measure-churn.ts';
import { foldTree } from './prefix-node.ts';
import { type ContentsSummary, type SummaryOptions, summarizeContents } from './summarize-contents.ts';
import { type SummaryReport, treeJson } from './summary-report.ts';

/** What is added up. */
export type SummarySource =
  /** `-` is standard input. */
  | { readonly kind: 'dump'; readonly path: string }
  | { readonly kind: 'cluster'; readonly access: ClusterAccess; readonly target: Target };

export interface SummaryRequest extends Omit<SummaryOptions, 'signal' | 'onKeys'> {
  readonly source: SummarySource;
  /** Empty: everything. */
  readonly prefixes: readonly Buffer[];
  /** Values are not read: nothing is known of their sizes. */
  readonly keysOnly: boolean;
  /** Branches below this share of everything are told together. */
  readonly leastShare: number;
  /** Which branches come first. */
  readonly by: Measure;
  /** What is written meanwhile is looked at, too. */
  readonly churnMs?: number | undefined;
  /** Of one request. */
  readonly timeoutMs: number;
}

/** What is told, and the tree with all that a picture has room for. */
export interface Summary {
  readonly report: SummaryReport;
  readonly tree: ContentsSummary['tree'];
}

/** How many keys lie between two signs of life. */
const STEP_KEYS = 100_000;

/**
 * Rejects with an InputError for what is no dump, an OperationError for what can't be read, the signal's reason. What
 * goes wrong while churn is measured is in the report.
 */
export async function summarize(request: SummaryRequest, context: ChurnContext): Promise<Summary> {
  const { source } = request;
  const summary = await addUp(request, context);
  const { origin, ...facts } = summary;
  const notes: string[] = [];
  const isSized = facts.totals.unsized === 0;
  if (!isSized) notes.push(`nothing is known of the size of ${facts.totals.unsized} values: they count as empty`);
  if (source.kind === 'dump') return told(request, origin, facts, { notes });
  context.onStep('asking the members for their databases');
  const { members, why } = await memberDatabases(source.access, context.signal);
  if (why !== undefined) notes.push(`the members do not tell of their databases: ${why}`);
  const isAll = isSized && origin.prefixes.some(({ length }) => length === 0);
  const database = isSized ? databaseShare(members, facts.totals, isAll) : undefined;
  const churn =
    request.churnMs === undefined
      ? undefined
      : await measureChurn(
          { ...request, access: source.access, target: source.target, durationMs: request.churnMs },
          context,
        );
  return told(request, origin, facts, { notes, database, churn });
}

async function addUp(request: SummaryRequest, { signal, onStep }: ChurnContext) {
  await using contents = await open(request, signal);
  const origin = contents.origin;
  const onKeys = (keys: number) => {
    if (keys >= STEP_KEYS) onStep(`${keys - (keys % STEP_KEYS)} keys added up`);
  };
  return { origin, ...(await summarizeContents(contents, { ...request, signal, onKeys })) };
}

async function open({ source, prefixes, keysOnly, timeoutMs }: SummaryRequest, signal: AbortSignal): Promise<Contents> {
  if (source.kind === 'cluster')
    return openLive({ access: source.access, target: source.target, prefixes, keysOnly, timeoutMs, signal });
  const dump = await openDumpFile(source.path, signal);
  if (prefixes.length === 0) return dump;
  return {
    origin: { ...dump.origin, prefixes },
    batches: () => withinPrefixes(dump.batches(), prefixes),
    [Symbol.asyncDispose]: () => dump[Symbol.asyncDispose](),
  };
}

function told(
  { leastShare, by }: SummaryRequest,
  { name, revision, clusterId, prefixes }: Contents['origin'],
  { tree, ...facts }: ContentsSummary,
  more: Pick<SummaryReport, 'notes' | 'database' | 'churn'>,
): Summary {
  const report: SummaryReport = {
    name,
    revision,
    clusterId,
    prefixes: prefixes.filter(({ length }) => length > 0).map((prefix) => prefix.toString()),
    ...facts,
    tree: treeJson(foldTree(tree, leastShare, by)),
    ...more,
  };
  return { report, tree };
}
