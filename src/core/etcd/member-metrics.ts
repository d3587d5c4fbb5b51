import { OperationError } from '../errors/index.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { describeEtcdError } from './describe-etcd-error.ts';
import { getPage } from './get-page.ts';
import { type CumulativeBuckets, readBuckets } from './prometheus-histogram.ts';
import { type PrometheusSample, parsePrometheus, sumPrometheus } from './prometheus-text.ts';

/** What a member's /metrics said at one moment. */
export class MemberMetrics {
  /** By performance.now(), when the answer was there. */
  readonly takenAt: number;
  /** Our end of the connection that it came over, as `address:port`. */
  readonly from: string | undefined;
  readonly #text: string;

  constructor(text: string, takenAt: number, from?: string) {
    this.takenAt = takenAt;
    this.from = from;
    this.#text = text;
  }

  /** Of a counter or gauge, all labels added; undefined where the member has no such metric. */
  value(name: string): number | undefined {
    return sumPrometheus(this.#text, name);
  }

  /** A label's value in the first sample. */
  label(name: string, label: string): string | undefined {
    return this.#samples(name)?.[0]?.labels.get(label);
  }

  /** Every time series of it, with its labels. */
  samples(name: string): readonly PrometheusSample[] {
    return this.#samples(name) ?? [];
  }

  /** @param name without `_bucket` */
  buckets(name: string): CumulativeBuckets | undefined {
    return readBuckets(this.#samples(`${name}_bucket`) ?? []);
  }

  /** Of a page with a thousand lines only few are asked for. */
  #samples(name: string): PrometheusSample[] | undefined {
    return parsePrometheus(this.#text, name).get(name);
  }
}

const TIMEOUT_MS = 2000;

/** Reads the /metrics of one member, at its client URL. Rejects with an OperationError, or with the signal's reason. */
export async function scrapeMember(
  access: ClusterAccess,
  endpoint: string,
  options: { readonly signal?: AbortSignal | undefined; readonly timeoutMs?: number } = {},
): Promise<MemberMetrics> {
  const { signal, timeoutMs = TIMEOUT_MS } = options;
  signal?.throwIfAborted();
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    const either = signal === undefined ? limit : AbortSignal.any([signal, limit]);
    const { status, body, from } = await getPage(access, `${endpoint}/`, 'metrics', either);
    if (status !== 200)
      throw new OperationError(`no metrics: HTTP ${status} at ${endpoint}/metrics`, { where: endpoint });
    return new MemberMetrics(body, performance.now(), from);
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof OperationError) throw cause;
    const why = limit.aborted ? 'no answer in time' : describeEtcdError(cause);
    throw new OperationError(`no metrics: ${why}`, { where: endpoint, cause });
  }
}
