import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { abortReason } from '../errors/index.ts';
import type { Channel } from './channel.ts';
import { Credentials } from './credentials.ts';
import { refusal } from './describe-refusal.ts';
import { describeUnreachable } from './describe-unreachable.ts';
import { KubeError } from './kube-error.ts';
import type { ChosenContext } from './kubeconfig.ts';

/** One request of the API. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** `/api/v1/…`, escaped. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>> | undefined;
  readonly body?: unknown;
  readonly contentType?: string;
  /** That it may be done twice, which else is taken for true of all but POST. */
  readonly isRepeatable?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** How long a server that is away is waited for, where it isn't as long as for others. */
  readonly patienceMs?: number;
  /** What the request is for, in errors: `list pods in namespace x`. */
  readonly what: string;
}

export interface ApiServerOptions {
  /** How long an API server that has answered before is waited for when it is away. */
  readonly patienceMs: number;
  /** How long one that has never answered is waited for. */
  readonly firstPatienceMs: number;
  /** Told when the wait begins, and when it is over. */
  readonly onNotice?: ((notice: string) => void) | undefined;
  /** Ends all requests. */
  readonly signal?: AbortSignal | undefined;
}

const ANSWER_TIMEOUT_MS = 30_000;
const RETRY_MS = [100, 250, 500, 1000] as const;

/**
 * HTTP to an API server with the credentials of a kubeconfig, on connections that are kept. (The library's own client
 * makes a new TLS connection for every request.) Requests are tried again while the server is away.
 */
export class ApiServer {
  readonly server: string;
  /** Aborts when nothing more is to be done here, with the reason. */
  readonly over: AbortSignal;
  readonly #chosen: ChosenContext;
  readonly #options: ApiServerOptions;
  readonly #closed = new AbortController();
  readonly #credentials: Credentials;
  #hasAnswered = false;

  constructor(chosen: ChosenContext, options: ApiServerOptions) {
    this.#chosen = chosen;
    this.#options = options;
    this.#credentials = new Credentials(chosen);
    const { signal } = options;
    this.over = signal === undefined ? this.#closed.signal : AbortSignal.any([signal, this.#closed.signal]);
    this.server = chosen.server;
  }

  close(): void {
    this.#closed.abort();
    this.#credentials.close();
  }

  /** The answer's body as JSON. Throws KubeError for a refusal, KubeUnreachableError when patience ends. */
  async json<T>(request: ApiRequest): Promise<T> {
    return await this.#patiently(request, async () => {
      const response = await this.#once(request);
      const body = await bodyOf(response);
      const parsed = parseJson(body);
      if (response.statusCode! >= 300) throw refusal(request, response.statusCode!, parsed ?? body, this.server);
      return parsed as T;
    });
  }

  /** The answer's body as it comes. The caller reads it to its end or destroys it. */
  async stream(request: ApiRequest): Promise<IncomingMessage> {
    return await this.#patiently(request, () => this.streamOnce(request));
  }

  /** As `stream`, without patience: throws the connection's own error. */
  async streamOnce(request: ApiRequest): Promise<IncomingMessage> {
    const response = await this.#once(request);
    if (response.statusCode! < 300) return response;
    const body = await bodyOf(response);
    throw refusal(request, response.statusCode!, parseJson(body) ?? body, this.server);
  }

  /**
   * Opens a channel (a web socket with numbered streams) into a pod. Throws KubeError for a refusal, and
   * KubeUnreachableError. `onData` gets what comes, by stream.
   */
  async channel(
    { path, query, signal, what }: Omit<ApiRequest, 'method'>,
    onData: (stream: number, data: Buffer) => void,
  ): Promise<Channel> {
    // As for POST: what may have been begun is not begun again.
    const request = { method: 'POST', path, query, signal, what } as const;
    return await this.#patiently(request, async () => {
      const isOver = this.#signalOf(request);
      // Web sockets: not everybody needs them.
      const { openChannel, UpgradeRefused } = await import('./channel.ts');
      try {
        return await openChannel(this.#credentials, pathWithQuery(path, query), onData, isOver);
      } catch (error) {
        if (isOver.aborted || !(error instanceof UpgradeRefused)) throw error;
        // The web socket's own error has no body: without the wish to upgrade the answer says why.
        const why = await this.streamOnce({ ...request, method: 'GET' }).catch((refused) => refused);
        if (why instanceof KubeError && why.status === error.status) throw why;
        throw new KubeError(`${what}: ${error.message}`, { where: this.server, status: error.status, reason: '' });
      }
    });
  }

  /** What is thrown for a connection's own error that nothing is tried about any more. */
  unreachable(error: unknown): Error {
    return describeUnreachable(error as Error, this.#chosen);
  }

  async #patiently<T>(request: ApiRequest, attempt: () => Promise<T>): Promise<T> {
    const signal = this.#signalOf(request);
    const begin = Date.now();
    let isWaiting = false;
    for (let tries = 0; ; tries += 1) {
      try {
        const result = await attempt();
        this.#hasAnswered = true;
        if (isWaiting) this.#options.onNotice?.(`${this.server} answers again`);
        return result;
      } catch (error) {
        if (signal.aborted) throw abortReason(signal);
        const wait = this.#waitFor(error, request, tries, Date.now() - begin);
        if (wait === undefined) throw error instanceof KubeError ? error : this.unreachable(error);
        if (!isWaiting && tries > 0) {
          isWaiting = true;
          this.#options.onNotice?.(`${describeUnreachable(error as Error, this.#chosen).message}: trying again`);
        }
        await sleep(wait, undefined, { signal }).catch(() => {
          throw abortReason(signal);
        });
      }
    }
  }

  /** How long until the next try; undefined where none makes sense. */
  #waitFor(error: unknown, request: ApiRequest, tries: number, waitedMs: number): number | undefined {
    const pause = RETRY_MS[Math.min(tries, RETRY_MS.length - 1)]!;
    if (error instanceof KubeError) {
      this.#hasAnswered = true;
      // A 429 of the eviction API is an answer, not overload.
      if (!isBusy(error) || request.path.endsWith('/eviction') || !isRepeatable(request)) return undefined;
    } else if (!isTransient(error as ConnectionError, request)) return undefined;
    const { patienceMs = this.#hasAnswered ? this.#options.patienceMs : this.#options.firstPatienceMs } = request;
    return waitedMs < patienceMs ? pause : undefined;
  }

  async #once(request: ApiRequest): Promise<IncomingMessage> {
    const signal = this.#signalOf(request);
    if (signal.aborted) throw abortReason(signal);
    const payload = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
    const { url, options } = await this.#prepare(request, payload);
    return await new Promise((resolve, reject) => {
      const send = url.protocol === 'http:' ? httpRequest : httpsRequest;
      const outgoing = send(url, options);
      // Only until the answer begins: a watch is silent for long.
      const timer = setTimeout(() => outgoing.destroy(noAnswer()), ANSWER_TIMEOUT_MS);
      const onAbort = () => outgoing.destroy(abortReason(signal));
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) onAbort();
      outgoing.on('response', (response) => {
        clearTimeout(timer);
        response.once('close', () => signal.removeEventListener('abort', onAbort));
        resolve(response);
      });
      outgoing.on('error', (error) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        reject(outgoing.reusedSocket ? Object.assign(error, { isOfKept: true }) : error);
      });
      outgoing.end(payload);
    });
  }

  async #prepare(
    { method, path, query, contentType }: ApiRequest,
    payload: Buffer | undefined,
  ): Promise<{ url: URL; options: RequestOptions }> {
    const options = await this.#credentials.options();
    const url = new URL(this.server + pathWithQuery(path, query));
    options.method = method;
    options.headers = {
      ...options.headers,
      Accept: 'application/json',
      'User-Agent': 'etcdperf',
      ...(payload === undefined
        ? {}
        : { 'Content-Type': contentType ?? 'application/json', 'Content-Length': payload.length }),
    };
    return { url, options };
  }

  #signalOf({ signal }: ApiRequest): AbortSignal {
    return signal === undefined ? this.over : AbortSignal.any([signal, this.over]);
  }
}

function pathWithQuery(path: string, query: ApiRequest['query'] = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (Array.isArray(value)) for (const each of value) params.append(name, each);
    else if (value !== undefined) params.set(name, String(value));
  return params.size === 0 ? path : `${path}?${params}`;
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const timer = setTimeout(() => response.destroy(noAnswer()), ANSWER_TIMEOUT_MS);
  try {
    return await text(response);
  } finally {
    clearTimeout(timer);
  }
}

function noAnswer(): Error {
  return Object.assign(new Error(`no answer within ${ANSWER_TIMEOUT_MS / 1000} s`), { code: 'ETIMEDOUT' });
}

interface ConnectionError extends NodeJS.ErrnoException {
  /** The connection had been kept from a request before. */
  readonly isOfKept?: boolean;
}

function isRepeatable({ method, isRepeatable = method !== 'POST' }: ApiRequest): boolean {
  return isRepeatable;
}

/** A connection that broke; an object is not created twice for it. */
function isTransient({ code = '', isOfKept }: ConnectionError, request: ApiRequest): boolean {
  if (['ECONNREFUSED', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'].includes(code)) return true;
  // The server had closed it meanwhile: it has not seen the request.
  if (isOfKept && ['ECONNRESET', 'EPIPE'].includes(code)) return true;
  return isRepeatable(request) && ['ECONNRESET', 'EPIPE', 'ETIMEDOUT'].includes(code);
}

/** Overload, a proxy without a server behind it, changes of the leader of etcd there. Other errors of 500 stay so. */
function isBusy({ status, reason, message }: KubeError): boolean {
  return (
    reason === 'TooManyRequests' || [502, 503, 504].includes(status) || (status === 500 && /etcdserver:/.test(message))
  );
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
