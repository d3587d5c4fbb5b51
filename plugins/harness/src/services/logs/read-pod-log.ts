import { setTimeout as delay } from 'node:timers/promises';
import { OperationError } from '@etcdperf/core/errors';
import { KubeError, type LogOptions } from '@etcdperf/core/kube';
import type { PodMember } from '../members/cluster-members.ts';
import type { ReadLogOptions } from './log-source.ts';
import { timeOfLine } from './parse-log-line.ts';
import { findInstance, isBeginning, isFirst, isSame, type PodInstance } from './pod-instance.ts';
import { SeenLines } from './seen-lines.ts';

/** Lines handed over at once. */
const BATCH = 500;
/** A container's first line follows its start sooner than that, unless the beginning of the log is gone. */
const ROTATED_MS = 60_000;
const RETRY_MS = 1000;

/**
 * A member's log from its pod: of the container that runs, and of the one that ran before it there. What is lost is
 * noted: Kubernetes keeps no more than that, and nothing of a pod that was deleted or moved.
 */
export async function readPodLog(member: PodMember, options: ReadLogOptions): Promise<void> {
  const { window, follow, signal, onNote } = options;
  const instance = await findInstance(member, signal);
  if (instance === undefined) {
    if (!follow)
      throw new OperationError(`there is no pod ${member.pod}; its log went with it`, { where: place(member) });
    onNote(`there is no pod ${member.pod} yet`);
    return followPod(member, undefined, options);
  }
  await noteLost(member, instance, options);
  if (instance.hasPrevious && window.last === undefined) await readPrevious(member, options);
  if (instance.startedMs === undefined && !(follow && isBeginning(instance)))
    onNote(`the container of pod ${member.pod} does not run now (${instance.waiting ?? 'it has not started yet'})`);
  if (follow) return followPod(member, instance, options);
  if (instance.startedMs === undefined) return;
  let isBegun = false;
  await readContainer(member, { ...sinceOf(options), tail: window.last, signal }, (lines) => {
    if (!isBegun) noteRotated(lines[0]!, instance, options);
    isBegun = true;
    options.onLines(lines);
  });
}

/** Container after container, pod after pod, until the signal aborts. */
async function followPod(member: PodMember, first: PodInstance | undefined, options: ReadLogOptions): Promise<void> {
  const { signal, onLines, window } = options;
  const seen = new SeenLines();
  let now = first?.startedMs === undefined ? undefined : first;
  let how: LogOptions = { ...sinceOf(options), tail: window.last };
  for (;;) {
    if (now !== undefined) {
      const following = { ...how, follow: true, signal };
      await passing(() => readContainer(member, following, (lines) => onLines(seen.fresh(lines)), 1));
    }
    const next = await nextInstance(member, now, signal);
    if (next === undefined) return;
    if (now === undefined) how = sinceOf(options);
    else if (isSame(now, next)) how = { sinceTime: seen.takeUp() };
    else {
      seen.forget();
      await passing(() => readBetween(member, now!, next, options));
      how = {};
    }
    now = next;
  }
}

/** What ran between two containers that were followed, as far as it is still there. */
async function readBetween(
  member: PodMember,
  before: PodInstance,
  next: PodInstance,
  options: ReadLogOptions,
): Promise<void> {
  const { onNote } = options;
  const { pod } = member;
  const isMoved = before.uid !== next.uid;
  const nodes = before.node === next.node ? `on node ${next.node}` : `from node ${before.node} to ${next.node}`;
  onNote(
    isMoved
      ? `pod ${pod} was made anew ${nodes} at ${time(next.createdMs)}; its former log, as far as it was followed, is kept`
      : `the container of pod ${pod} was started again at ${time(next.startedMs ?? next.createdMs)}`,
  );
  const unseen = isMoved ? next.restarts : next.restarts - before.restarts - 1;
  if (unseen > 0) await readPrevious(member, options);
  if (unseen > 1) onNote(`${unseen - 1} containers between came and went unseen; their logs are gone`);
}

/** Waits for a container to follow: another one, or the same where it still runs. Undefined once the signal aborts. */
async function nextInstance(
  member: PodMember,
  now: PodInstance | undefined,
  signal: AbortSignal | undefined,
): Promise<PodInstance | undefined> {
  while (!signal?.aborted) {
    const found = await passing(() => findInstance(member, signal));
    if (found?.startedMs !== undefined && (now === undefined || !isSame(now, found))) return found;
    await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    if (found?.isRunning === true && !signal?.aborted) return found;
  }
  return undefined;
}

/** What passes by itself is waited out: a pod that goes, a node or an API server that is away. What is refused is not. */
async function passing<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof OperationError && !isRefused(error)) return undefined;
    throw error;
  }
}

async function readPrevious(member: PodMember, options: ReadLogOptions): Promise<void> {
  const { signal, onLines, onNote } = options;
  try {
    await readContainer(member, { ...sinceOf(options), previous: true, signal }, onLines);
  } catch (error) {
    if (!(error instanceof KubeError) || isRefused(error)) throw error;
    onNote('the log of the container before this one is gone');
  }
}

async function readContainer(
  { kube, pod: name, namespace, container }: PodMember,
  options: LogOptions,
  onLines: (lines: readonly string[]) => void,
  batch = BATCH,
): Promise<void> {
  let lines: string[] = [];
  for await (const line of kube.logs({ name, namespace }, { ...options, container })) {
    lines.push(line);
    if (lines.length < batch) continue;
    onLines(lines);
    lines = [];
  }
  if (lines.length > 0) onLines(lines);
}

/** Whole seconds is what the API knows. */
function sinceOf({ window: { sinceMs } }: ReadLogOptions): LogOptions {
  return sinceMs === undefined ? {} : { sinceTime: new Date(Math.floor(sinceMs / 1000) * 1000) };
}

async function noteLost(
  member: PodMember,
  instance: PodInstance,
  { window, onNote, signal }: ReadLogOptions,
): Promise<void> {
  if (window.sinceMs !== undefined && instance.createdMs > window.sinceMs && !(await isFirst(member, instance, signal)))
    onNote(
      `pod ${member.pod} is there since ${time(instance.createdMs)}, on node ${instance.node ?? 'none yet'}; what the ` +
        'member wrote in a pod before that can’t be had: Kubernetes keeps a log only as long as its pod',
    );
  if (instance.restarts > 1)
    onNote(`the container was started ${instance.restarts} times again; the logs of all but the last two are gone`);
}

function noteRotated(line: string, instance: PodInstance, { window, onNote }: ReadLogOptions): void {
  const atMs = timeOfLine(line);
  if (window.last !== undefined || atMs === undefined || instance.startedMs === undefined) return;
  if (atMs - Math.max(instance.startedMs, window.sinceMs ?? 0) < ROTATED_MS || window.sinceMs !== undefined) return;
  onNote(
    `the log begins at ${time(atMs)}, its container at ${time(instance.startedMs)}: its node has rotated the rest away`,
  );
}

function isRefused(error: OperationError): boolean {
  return error instanceof KubeError && (error.status === 401 || error.status === 403);
}

function place({ kube, namespace }: PodMember): string {
  return `namespace ${namespace} of ${kube.context}`;
}

function time(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+/, '');
}
