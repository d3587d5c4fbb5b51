import * as z from 'zod/mini';

const positive = z.int().check(z.positive());
const whole = z.int().check(z.nonnegative());
/** Identities become parts of keys and of records, so `/` and `|` are out. */
const identity = z.string().check(z.regex(/^[^/|\s]{1,200}$/, 'is 1 to 200 characters without spaces, "/" and "|"'));

const common = {
  /** The host's name as the inventory has it: for identities and results. */
  host: identity,
  endpoints: z.array(z.url({ protocol: /^https?$/ })).check(z.minLength(1)),
  /** PEM texts: the configuration file is the process's own, mode 0600. */
  tls: z.optional(
    z.strictObject({
      ca: z.optional(z.string()),
      cert: z.optional(z.string()),
      key: z.optional(z.string()),
      serverName: z.optional(z.string()),
      insecureSkipVerify: z.optional(z.boolean()),
    }),
  ),
  auth: z.optional(z.strictObject({ user: z.string(), password: z.string() })),
  /** In front of every key; '' for the documented ones. */
  prefix: z._default(z.string().check(z.regex(/^(\/[^/|\s]+)*$/, 'is empty, or like "/lab-a"')), ''),
  /** Where events go: JSON lines, appended. Absolute, or relative to the configuration file's folder. */
  eventsFile: z._default(z.string().check(z.minLength(1)), 'events.jsonl'),
  /** Ends the process after so long; without it, only a signal or the stop key does. */
  durationMs: z.optional(positive),
  dialTimeoutMs: z._default(positive, 5000),
  requestTimeoutMs: z._default(positive, 5000),
};

const replication = z.strictObject({
  /** Values in a batch. */
  batchSize: z._default(positive, 1000),
  valueBytes: z._default(positive, 1024),
  intervalMs: z._default(positive, 5000),
});

export const candidateConfigSchema = z.strictObject({
  ...common,
  identity,
  algorithm: z._default(z.enum(['one-key', 'queue']), 'one-key'),
  /** What is asked for; etcd may grant more. */
  ttlSeconds: z._default(positive, 2),
  keepaliveMs: z._default(positive, 500),
  /** Written to the payload key by each new master. */
  payload: z.string(),
  /** Whether a new master reads all of the filled store. */
  recover: z._default(z.boolean(), true),
  /** State replication, while master and as its follower; null is off. */
  replication: z._default(z.nullable(replication), null),
});

export const agentsConfigSchema = z.strictObject({
  ...common,
  count: positive.check(z.maximum(1_000_000)),
  /** Agents are named `<identityPrefix>-<n>`, n counted from `firstIndex`; without it, the host's name. */
  identityPrefix: z.optional(identity),
  firstIndex: z._default(whole, 0),
  /** A connection for each agent, or so many for all. */
  connections: z._default(z.union([z.literal('own'), z.strictObject({ shared: positive })]), 'own'),
  /** How many agents may be starting (connecting and reading for the first time) at once. */
  startParallel: z._default(positive, 100),
  /** A random wait of up to so long before each re-read; it is part of the results, so the default is none. */
  jitterMs: z._default(whole, 0),
  intervalMs: z._default(positive, 1000),
  /** How long to wait for the new master's payload before the round is recorded without it. */
  payloadWaitMs: z._default(positive, 5000),
});

/** What a candidate process is told, with defaults filled in. */
export type CandidateConfig = z.output<typeof candidateConfigSchema>;
/** The same as it may be written, defaults left out. */
export type CandidateConfigInput = z.input<typeof candidateConfigSchema>;
export type AgentsConfig = z.output<typeof agentsConfigSchema>;
export type AgentsConfigInput = z.input<typeof agentsConfigSchema>;
export type Algorithm = CandidateConfig['algorithm'];
export type ReplicationConfig = z.output<typeof replication>;
