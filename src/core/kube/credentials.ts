import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent, type RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { type EtcdperfError, InputError, OperationError } from '../errors/index.ts';
import type { ChosenContext } from './kubeconfig.ts';

/** What of a request's options the connection is made with. */
const OF_CONNECTION = ['ca', 'cert', 'key', 'pfx', 'passphrase', 'rejectUnauthorized', 'servername'] as const;

/**
 * How requests are signed in, by the kubeconfig: headers, certificates and the agent that keeps connections. Asked for
 * each request, since tokens and certificates change while we run.
 */
export class Credentials {
  readonly config: KubeConfig;
  readonly #context: string;
  #agent: HttpAgent | undefined;
  #madeWith: readonly unknown[] = [];

  constructor({ config, context }: ChosenContext) {
    this.config = config;
    this.#context = context;
  }

  /**
   * For one request, on a connection that is kept if there is one. Throws InputError for files of the kubeconfig that
   * can't be read, OperationError for a credential plugin that fails.
   */
  async options(): Promise<RequestOptions> {
    const options: RequestOptions = {};
    try {
      await this.config.applyToHTTPSOptions(options);
    } catch (error) {
      throw noCredentials(error as NodeJS.ErrnoException, this.#context);
    }
    if (!this.config.getCurrentCluster()?.proxyUrl) options.agent = this.#agentFor(options);
    // Behind a proxy the library's own agent knows the way; it can keep connections too.
    else if (options.agent instanceof HttpAgent) Object.assign(options.agent, { keepAlive: true });
    return options;
  }

  /** For a connection of its own: one that was kept may be dead, and what is begun over a channel can't be tried again. */
  async channelOptions(): Promise<RequestOptions> {
    const { agent, ...options } = await this.options();
    return this.config.getCurrentCluster()?.proxyUrl ? { ...options, agent } : options;
  }

  /** The library's own agent keeps no connections, and the certificates that it was made with for ever. */
  #agentFor(options: RequestOptions): HttpAgent {
    const now = OF_CONNECTION.map((name) => options[name]);
    if (this.#agent === undefined || !now.every((value, index) => isSame(value, this.#madeWith[index]))) {
      this.#agent?.destroy();
      const Agent = this.config.getCurrentCluster()?.server.startsWith('http:') ? HttpAgent : HttpsAgent;
      this.#agent = new Agent({
        keepAlive: true,
        ...Object.fromEntries(OF_CONNECTION.map((name) => [name, options[name]])),
      });
      this.#madeWith = now;
    }
    return this.#agent;
  }

  close(): void {
    this.#agent?.destroy();
  }
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || (Buffer.isBuffer(a) && Buffer.isBuffer(b) && a.equals(b));
}

function noCredentials(cause: NodeJS.ErrnoException, context: string): EtcdperfError {
  const where = `context ${context}`;
  const { code, path, syscall } = cause;
  const isProgram = syscall?.startsWith('spawn') ?? false;
  if (code === 'ENOENT' || code === 'EACCES') {
    const why = code === 'ENOENT' ? "isn't there" : isProgram ? 'may not be run' : 'may not be read';
    const what = isProgram ? 'credential plugin' : 'file';
    return new InputError(`the kubeconfig's ${what} ${path ?? ''} ${why}`, { where, cause });
  }
  // Its message would quote what the plugin printed, which may be a token.
  if (cause instanceof SyntaxError)
    return new OperationError("the kubeconfig's credential plugin does not answer in JSON", { where });
  const said = cause.message.trim().split('\n').at(-1);
  return new OperationError(`the kubeconfig's credentials can't be had: ${said}`, {
    where,
    hint: 'log in anew with the tool that made them',
    cause,
  });
}
