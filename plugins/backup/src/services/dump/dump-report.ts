/** What `backup:dump` made. */
export interface DumpReport {
  /** The file; `-`: standard output. */
  readonly output: string;
  /** Beside a file. */
  readonly manifest: string | undefined;
  readonly revision: number;
  readonly clusterId: string;
  /** As text where they are text, else escaped. */
  readonly prefixes: readonly string[];
  readonly sinceRevision: number | undefined;
  readonly filters: readonly string[];
  /** Keys that are in the dump. */
  readonly keys: number;
  /** Keys that there are below the prefixes. */
  readonly total: number;
  /** Uncompressed. */
  readonly bytes: number;
  readonly file: { readonly bytes: number; readonly sha256: string };
  /** Leases of the keys, and how many of them were gone when they were asked how long they had left. */
  readonly leases: { readonly asked: number; readonly gone: number };
  readonly complete: boolean;
  /** Why it isn't complete. */
  readonly reason: string | undefined;
  /** How often it began again. */
  readonly restarts: number;
  readonly durationMs: number;
}
