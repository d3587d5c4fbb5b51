import type { ErrorKindId } from './error-kinds.ts';

/** A line of JSON: a message word for word. Without `versions` all of 3.4 to 3.6 have it. */
export interface MessagePattern {
  readonly kind: ErrorKindId | 'none';
  readonly message: string;
  readonly versions?: '3.4' | '3.4-3.5' | '3.5-3.6' | '3.6';
  /** The field that holds how long it took. */
  readonly took?: string;
  /** It counts from so many milliseconds on. */
  readonly fromMs?: number;
  /** It counts only where a field matches; the next pattern of the message is tried else. */
  readonly field?: { readonly name: string; readonly matches: RegExp };
}

/** A compaction holds nothing up for less: it runs in small steps. */
const LONG_COMPACTION_MS = 500;

/** As etcd's sources have them (server/v3 of 3.5 and 3.6, 3.4's one module), each seen or looked up there. */
export const MESSAGES: readonly MessagePattern[] = [
  { kind: 'slow-apply', message: 'apply request took too long', took: 'took' },
  { kind: 'slow-request', message: 'request stats', versions: '3.5-3.6', took: 'time spent' },
  { kind: 'slow-fsync', message: 'slow fdatasync', took: 'took' },
  {
    kind: 'late-heartbeat',
    message: 'leader failed to send out heartbeat on time; took too long, leader is overloaded likely from slow disk',
    took: 'exceeded-duration',
  },
  { kind: 'slow-read', message: 'waiting for ReadIndex response took too long, retrying' },
  { kind: 'slow-read', message: 'timed out waiting for read index response (local node might have slow network)' },
  {
    kind: 'slow-read',
    message:
      'ignored out-of-date read index response; local node read indexes queueing up and waiting to be in sync with leader',
  },
  { kind: 'unhealthy', message: 'serving /health false; no leader', versions: '3.5-3.6' },
  { kind: 'unhealthy', message: 'serving /health false; QGET fails', versions: '3.4-3.5' },
  { kind: 'unhealthy', message: 'serving /health false; Range fails', versions: '3.5-3.6' },
  { kind: 'no-space', message: 'serving /health false due to an alarm', versions: '3.5-3.6', field: alarm(/NOSPACE/) },
  { kind: 'corrupt', message: 'serving /health false due to an alarm', versions: '3.5-3.6', field: alarm(/CORRUPT/) },
  { kind: 'peer-break', message: 'lost TCP streaming connection with remote peer' },
  { kind: 'peer-break', message: 'peer became inactive (message send to peer failed)' },
  { kind: 'peer-unreachable', message: 'prober detected unhealthy status' },
  { kind: 'peer-unreachable', message: 'failed to reach the peer URL' },
  {
    kind: 'dropped-message',
    message: 'dropped internal Raft message since sending buffer is full (overloaded network)',
  },
  { kind: 'dropped-message', message: 'dropped internal Raft message since sending buffer is full', versions: '3.6' },
  {
    kind: 'dropped-message',
    message: 'dropped internal Raft message since receiving buffer is full (overloaded network)',
  },
  { kind: 'dropped-message', message: 'dropped Raft message since sending buffer is full (overloaded network)' },
  { kind: 'dropped-message', message: 'dropped Raft message since receiving buffer is full (overloaded network)' },
  { kind: 'clock-drift', message: 'prober found high clock drift', took: 'clock-drift' },
  { kind: 'slow-compaction', message: 'finished scheduled compaction', took: 'took', fromMs: LONG_COMPACTION_MS },
  { kind: 'snapshot', message: 'sent database snapshot' },
  { kind: 'snapshot', message: 'failed to send database snapshot' },
  { kind: 'snapshot', message: 'failed to save incoming database snapshot' },
  { kind: 'snapshot', message: 'snapshotting taking too long to transfer', took: 'taking' },
  { kind: 'no-space', message: 'alarm raised', versions: '3.4-3.5', field: alarm(/NOSPACE/) },
  { kind: 'corrupt', message: 'alarm raised', versions: '3.4-3.5', field: alarm(/CORRUPT/) },
  { kind: 'no-space', message: 'message exceeded backend quota; raising alarm' },
  { kind: 'no-space', message: 'failed to apply request', field: { name: 'error', matches: /no space/ } },
  { kind: 'corrupt', message: 'failed to apply request', field: { name: 'error', matches: /corrupt/ } },
  { kind: 'rejected-request', message: 'failed to apply request', took: 'took' },
  { kind: 'corrupt', message: 'found hash mismatch' },
  { kind: 'corrupt', message: 'Detected compaction hash mismatch', versions: '3.5-3.6' },
  {
    kind: 'corrupt',
    message:
      'Detected compaction hash mismatch but cannot identify the corrupted members, so intentionally set the memberID as 0',
    versions: '3.5-3.6',
  },
  { kind: 'corrupt', message: "revision from follower must be less than or equal to leader's" },
  { kind: 'corrupt', message: "compact revision from follower must be less than or equal to leader's" },
  { kind: 'corrupt', message: 'same compact revision then hashes must match' },
  { kind: 'rejected-connection', message: 'rejected connection', versions: '3.4' },
  { kind: 'rejected-connection', message: 'rejected connection on client endpoint', versions: '3.5-3.6' },
  { kind: 'rejected-connection', message: 'rejected connection on peer endpoint', versions: '3.5-3.6' },
  { kind: 'rejected-request', message: 'invalid auth token' },
  { kind: 'rejected-request', message: 'invalid authentication was requested' },
  { kind: 'rejected-request', message: 'cannot find a user for permission check' },
  { kind: 'rejected-request', message: 'rejecting HTTP request to prevent DNS rebinding attacks' },
  { kind: 'rejected-request', message: 'rejecting member add request; not enough healthy members' },
  { kind: 'rejected-request', message: 'rejecting member remove request; not enough healthy members' },
  { kind: 'rejected-request', message: 'rejecting member promote request; not enough healthy members' },
  { kind: 'rejected-request', message: 'request sent was ignored due to cluster ID mismatch' },
  { kind: 'rejected-request', message: 'request cluster ID mismatch' },
  { kind: 'defragmentation', message: 'defragmented', versions: '3.4', took: 'took' },
  { kind: 'defragmentation', message: 'finished defragmenting directory', versions: '3.5-3.6', took: 'took' },
  { kind: 'restart', message: 'restarting local member' },
  { kind: 'stop', message: 'received signal; shutting down' },
  // Told as errors, yet part of a start or a stop, or of what a line beside it tells.
  { kind: 'none', message: 'setting up serving from embedded etcd failed.', versions: '3.6', field: closed() },
  { kind: 'none', message: 'failed to update storage version', versions: '3.6' },
  { kind: 'none', message: 'bootstrap failed', versions: '3.6' },
];

/** A line of text, or of a message that holds ids. `took` names a group of the expression. */
export interface TextPattern {
  readonly kind: ErrorKindId;
  readonly matches: RegExp;
  readonly fromMs?: number;
  /** The format; `text` is 3.4 with `--logger=capnslog`. */
  readonly format: 'text' | 'both';
}

export const TEXTS: readonly TextPattern[] = [
  // The raft library's own lines, which are text within the JSON too.
  {
    kind: 'lost-leader',
    format: 'both',
    matches: /^raft\.node: \w+ (?:lost leader \w+|changed leader from \w+ to \w+) at term /,
  },
  { kind: 'lost-leader', format: 'both', matches: /^\w+ stepped down to follower since quorum is not active/ },
  { kind: 'election', format: 'both', matches: /^\w+ is starting a new election at term (?!1$)/ },
  {
    kind: 'slow-apply',
    format: 'text',
    matches: /^(?:read-only \w+ )?request ".*" with result ".*" took too long \((?<took>[^)]+)\) to execute$/s,
  },
  { kind: 'slow-fsync', format: 'text', matches: /^sync duration of (?<took>\S+), expected less than / },
  {
    kind: 'late-heartbeat',
    format: 'text',
    matches: /^failed to send out heartbeat on time \(exceeded the \S+ timeout for (?<took>[^,]+),/,
  },
  {
    kind: 'slow-read',
    format: 'text',
    matches:
      /^(?:waiting for ReadIndex response took too long|timed out waiting for read index response|ignored out-of-date read index response)/,
  },
  { kind: 'unhealthy', format: 'text', matches: /^\/health error(?:; no leader|; QGET failed)/ },
  { kind: 'no-space', format: 'text', matches: /^\/health error due to .*NOSPACE/ },
  { kind: 'peer-break', format: 'text', matches: /^lost the TCP streaming connection with peer / },
  {
    kind: 'peer-unreachable',
    format: 'text',
    matches: /^(?:health check for peer \w+ could not connect|failed to reach the peerURL\()/,
  },
  { kind: 'dropped-message', format: 'text', matches: /^dropped (?:internal )?raft message (?:to|from) / },
  {
    kind: 'clock-drift',
    format: 'text',
    matches: /^the clock difference against peer \w+ is too high \[(?<took>\S+) > /,
  },
  {
    kind: 'slow-compaction',
    format: 'text',
    fromMs: LONG_COMPACTION_MS,
    matches: /^finished scheduled compaction at \d+ \(took (?<took>[^)]+)\)/,
  },
  {
    kind: 'snapshot',
    format: 'text',
    matches: /^database snapshot \[index: \d+, to: \w+\] (?:sent out successfully|failed to be sent out)/,
  },
  { kind: 'snapshot', format: 'text', matches: /^snapshotting is taking more than / },
  {
    kind: 'no-space',
    format: 'text',
    matches: /^(?:alarm NOSPACE raised by peer|applying raft message exceeded backend quota)/,
  },
  { kind: 'corrupt', format: 'text', matches: /^(?:alarm CORRUPT raised by peer|.*hash \d+ mismatch|.*corrupt)/ },
  {
    kind: 'no-space',
    format: 'text',
    matches: /^failed to apply request ".*" with response ".*" took \(.*\) to execute, err is .*no space$/s,
  },
  {
    kind: 'rejected-request',
    format: 'text',
    matches: /^failed to apply request ".*" with response ".*" took \((?<took>[^)]+)\) to execute, err is /s,
  },
  { kind: 'rejected-connection', format: 'text', matches: /^rejected connection from / },
  {
    kind: 'rejected-request',
    format: 'text',
    matches:
      /^(?:invalid auth token|invalid authentication request to user|invalid user name .* for permission checking|rejecting HTTP request|not healthy for reconfigure, rejecting|not enough started members, rejecting|reconfigure breaks active quorum, rejecting|request sent was ignored|request cluster ID mismatch)/,
  },
  { kind: 'defragmentation', format: 'text', matches: /^finished defragmenting the storage backend$/ },
  { kind: 'restart', format: 'text', matches: /^newRaft \w+ \[peers: \[\], term: [1-9]/ },
  { kind: 'stop', format: 'text', matches: /^received \w+ signal, shutting down/ },
];

function alarm(matches: RegExp): NonNullable<MessagePattern['field']> {
  return { name: 'alarm', matches };
}

/** Of a server that was asked to stop. */
function closed(): NonNullable<MessagePattern['field']> {
  return { name: 'error', matches: /[Ss]erver closed|listener closed|use of closed network connection/ };
}
