import { type ClientRequest, get as getPlain, type IncomingMessage, type RequestOptions } from 'node:http';
import { get as getSecure } from 'node:https';
import { OperationError } from '../errors/index.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { describeEtcdError } from './describe-etcd-error.ts';
import { type CumulativeBuckets, readBuckets } from './prometheus-histogram.ts';
import { type PrometheusSample, parsePrometheus } from './prometheus-text.ts';

/** What a member's /metrics said at one moment. */
export class MemberMetrics {
  /** By performance.now(), when the answer was there. */
  readonly takenAt: number;
  readonly #metrics: Map<string, PrometheusSample[]>;

  constructor(text: string, takenAt: number) {
    this.takenAt = takenAt;
    this.#metrics = parsePrometheus(text);
  }

  /** Of a counter or gauge, all labels added; undefined where the member has no such metric. */
  value(name: string): number | undefined {
    return this.#metrics.get(name)?.reduce((sum, sample) => sum + sample.value, 0);
  }

  /** A label's value in the first sample. */
  label(name: string, label: string): string | undefined {
    return this.#metrics.get(name)?.[0]?.labels.get(label);
  }

  /** @param name without `_bucket` */
  buckets(name: string): CumulativeBuckets | undefined {
    return readBuckets(this.#metrics.get(`${name}_bucket`) ?? []);
  }
}

const TIMEOUT_MS = 2000;
/** etcd's page has about 100 KB. */
const MAX_BYTES = 16 * 2 ** 20;

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
    const text = await fetchText(access, endpoint, signal === undefined ? limit : AbortSignal.any([signal, limit]));
    return new MemberMetrics(text, performance.now());
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof OperationError) throw cause;
    const why = limit.aborted ? 'no answer in time' : describeEtcdError(cause);
    throw new OperationError(`no metrics: ${why}`, { where: endpoint, cause });
  }
}

function fetchText(access: ClusterAccess, endpoint: string, signal: AbortSignal): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const receive = (response: IncomingMessage) => {
    if (response.statusCode !== 200) {
      response.destroy();
      reject(new OperationError(`no metrics: HTTP ${response.statusCode} at ${endpoint}/metrics`, { where: endpoint }));
      return;
    }
    const chunks: Buffer[] = [];
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MAX_BYTES) response.destroy(new Error(`more than ${MAX_BYTES} bytes`));
    });
    response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    response.on('error', reject);
  };
  const { tls } = access;
  const options: RequestOptions = { agent: false, signal };
  const url = `${endpoint}/metrics`;
  const request: ClientRequest = endpoint.startsWith('https:')
    ? getSecure(
        url,
        { ...options, ca: tls?.ca, cert: tls?.cert, key: tls?.key, rejectUnauthorized: !tls?.insecureSkipVerify },
        receive,
      )
    : getPlain(url, options, receive);
  request.on('error', reject);
  return promise;
}
