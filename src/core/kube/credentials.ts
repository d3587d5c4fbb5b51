import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent, type RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';

/** What of a request's options the connection is made with. */
const OF_CONNECTION = ['ca', 'cert', 'key', 'pfx', 'passphrase', 'rejectUnauthorized', 'servername'] as const;

/**
 * How requests are signed in, by the kubeconfig: headers, certificates and the agent that keeps connections. Asked for
 * each request, since tokens and certificates change while we run.
 */
export class Credentials {
  readonly config: KubeConfig;
  #agent: HttpAgent | undefined;
  #madeWith: readonly unknown[] = [];

  constructor(config: KubeConfig) {
    this.config = config;
  }

  /**
   * For one request, on a connection that is kept if there is one. Throws what reading the kubeconfig's files or running
   * its credential plugin throws.
   */
  async options(): Promise<RequestOptions> {
    const options: RequestOptions = {};
    await this.config.applyToHTTPSOptions(options);
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
