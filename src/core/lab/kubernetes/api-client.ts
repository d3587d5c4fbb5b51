import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { parse } from 'yaml';

/** The few calls that making a lab needs, without loading a Kubernetes client. */
export interface ApiClient {
  /** Status code and body; undefined where nobody answers. */
  call(method: 'GET' | 'POST', path: string, body?: object): Promise<{ code: number; text: string } | undefined>;
  close(): void;
}

const TIMEOUT_MS = 10_000;

export async function apiClient(kubeconfigPath: string): Promise<ApiClient> {
  const config = parse(await readFile(kubeconfigPath, 'utf8')) as {
    clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }];
    users: [{ user: { 'client-certificate-data': string; 'client-key-data': string } }];
  };
  const { cluster } = config.clusters[0];
  const { user } = config.users[0];
  const decode = (text: string) => Buffer.from(text, 'base64');
  const agent = new Agent({
    keepAlive: true,
    ca: decode(cluster['certificate-authority-data']),
    cert: decode(user['client-certificate-data']),
    key: decode(user['client-key-data']),
  });
  return {
    call: (method, path, body) =>
      new Promise((resolve) => {
        const headers = body === undefined ? {} : { 'content-type': 'application/json' };
        const sent = request(
          `${cluster.server}${path}`,
          { method, agent, headers, timeout: TIMEOUT_MS },
          (response) => {
            let text = '';
            response.setEncoding('utf8').on('data', (chunk: string) => {
              text += chunk;
            });
            response.on('end', () => resolve({ code: response.statusCode ?? 0, text }));
            response.on('error', () => resolve(undefined));
          },
        );
        sent.on('timeout', () => sent.destroy());
        sent.on('error', () => resolve(undefined));
        sent.end(body === undefined ? undefined : JSON.stringify(body));
      }),
    close: () => agent.destroy(),
  };
}
