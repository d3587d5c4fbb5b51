/** How a run ended, or that it hasn't. A run whose process was killed stays `running`. */
export type RunStatus = 'running' | 'done' | 'failed' | 'interrupted';

/** `manifest.json`: what was run, where and when. Never holds a secret. */
export interface RunManifest {
  /** Also the folder's name. */
  readonly id: string;
  /** The command as the user knows it: `election:failover`. */
  readonly command: string;
  readonly title?: string;
  /** etcdperf's version. */
  readonly version: string;
  readonly status: RunStatus;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly finishedAt?: string;
  /** The machine that etcdperf ran on. */
  readonly host: {
    readonly name: string;
    readonly platform: string;
    readonly cpus: number;
    readonly memoryBytes: number;
  };
  /** Node's version. */
  readonly node: string;
  readonly inventory?: { readonly path: string; readonly digest: string };
  /** What the run was asked to do: flags and their defaults. */
  readonly config: Readonly<Record<string, unknown>>;
}

export const MANIFEST_FILE = 'manifest.json';
export const RESULT_FILE = 'result.json';
