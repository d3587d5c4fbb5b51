import type { KubeEvent, Pod } from './kube-objects.ts';

type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];
type Terminated = NonNullable<NonNullable<ContainerStatus['state']>['terminated']>;

/** Events that say why a container is not made, in a pod that tells no reason itself. */
const OF_MAKING = ['FailedMount', 'FailedAttachVolume', 'FailedMapVolume', 'FailedCreatePodSandBox'];
const LINES = 5;

/**
 * Why a pod is not ready, a line each; empty where nothing is known to be wrong. `events`: about this pod, oldest first.
 * `lastLines`: by container, the end of the log of what crashed.
 */
export function podTroubles(
  { metadata, spec, status }: Pod,
  events: readonly KubeEvent[],
  lastLines: ReadonlyMap<string, readonly string[]> = new Map(),
): string[] {
  if (status?.phase === 'Succeeded') return [];
  const warnings = events.filter(({ type }) => type === 'Warning');
  const name = metadata?.name;
  if (status?.phase === 'Failed' && status.reason !== undefined)
    return [`pod ${name} was ended: ${status.reason}${status.message === undefined ? '' : `: ${status.message}`}`];
  const unscheduled = status?.conditions?.find(({ type, status: is }) => type === 'PodScheduled' && is === 'False');
  if (unscheduled !== undefined) {
    const why = unscheduled.message ?? lastMessage(warnings, ['FailedScheduling']) ?? unscheduled.reason ?? '';
    return [`pod ${name} can't be scheduled: ${withoutPreemption(why)}`];
  }
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const images = new Map([...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].map((c) => [c.name, c.image]));
  return statuses.flatMap((container) => {
    const trouble = containerTrouble(container, images.get(container.name), warnings, lastLines.get(container.name));
    const where = statuses.length === 1 ? `pod ${name}` : `pod ${name}, container ${container.name}`;
    return trouble === undefined ? [] : [`${where}: ${trouble}`];
  });
}

/** The containers of a pod that ended badly and were started anew, or will be: what they said last is worth a look. */
export function crashedContainers({ status }: Pod): { readonly name: string; readonly isBeforeLast: boolean }[] {
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return statuses.flatMap((container) => {
    if (container.ready) return [];
    if (isFailure(container.state?.terminated)) return [{ name: container.name, isBeforeLast: false }];
    // Running again, or not yet: the log wanted is that of the one before.
    const isWaiting = container.state?.waiting !== undefined;
    return isFailure(container.lastState?.terminated) ? [{ name: container.name, isBeforeLast: !isWaiting }] : [];
  });
}

function containerTrouble(
  { state, lastState, ready, started, restartCount }: ContainerStatus,
  image: string | undefined,
  warnings: readonly KubeEvent[],
  lastLines: readonly string[] | undefined,
): string | undefined {
  const { reason = '', message = '' } = state?.waiting ?? {};
  switch (reason) {
    case 'ErrImagePull':
    case 'ImagePullBackOff':
    case 'RegistryUnavailable':
      return `image ${image} can't be pulled: ${pullReason(message, warnings)}`;
    case 'InvalidImageName':
      return `image ${image} is not a name for one: ${rootCause(message)}`;
    case 'ErrImageNeverPull':
      return `image ${image} is not on the node, and imagePullPolicy is Never`;
    case 'CreateContainerConfigError':
    case 'CreateContainerError':
    case 'PreCreateHookError':
      return `can't be made: ${rootCause(message)}`;
    case 'ContainerCreating':
    case 'PodInitializing': {
      const why = lastMessage(warnings, OF_MAKING);
      return why === undefined ? undefined : `can't be made: ${why}`;
    }
  }
  const isRunning = state?.running !== undefined;
  const ended = state?.terminated ?? lastState?.terminated;
  if (!ready && !(isRunning && started) && ended !== undefined && isFailure(ended))
    return crash(ended, restartCount, lastLines);
  if (isRunning && !ready) {
    const why = lastMessage(warnings, ['Unhealthy']);
    return why === undefined ? undefined : `is not ready: ${why.trim()}`;
  }
  return undefined;
}

function crash(
  { exitCode, signal, reason, message }: Terminated,
  restarts: number,
  lastLines: readonly string[] | undefined,
): string {
  const how =
    reason === 'OOMKilled'
      ? 'ran out of memory (OOMKilled)'
      : reason === 'StartError' || reason === 'ContainerCannotRun'
        ? `can't be started: ${rootCause(message ?? '')}`
        : `ended with ${signal ? `signal ${signal}` : `exit code ${exitCode}`}`;
  const times = restarts === 0 ? '' : restarts === 1 ? ', and was restarted' : `, and was restarted ${restarts} times`;
  const said = reason === 'StartError' ? [] : (lastLines ?? message?.trim().split('\n') ?? []);
  const lines = said.filter((line) => line.trim() !== '').slice(-LINES);
  return [`${how}${times}${lines.length === 0 ? '' : '; its last lines:'}`, ...lines.map((line) => `  ${line}`)].join(
    '\n',
  );
}

function isFailure(ended: Terminated | undefined): boolean {
  return ended !== undefined && (ended.exitCode !== 0 || ended.reason === 'OOMKilled');
}

/** While it waits for the next try, only an event remembers why the last one failed. */
function pullReason(message: string, warnings: readonly KubeEvent[]): string {
  const failed = lastMessage(
    warnings.filter(({ message: text = '' }) => /^Failed to pull image/.test(text)),
    ['Failed'],
  );
  return rootCause(failed ?? message);
}

function lastMessage(events: readonly KubeEvent[], reasons: readonly string[]): string | undefined {
  return events.findLast(({ reason = '' }) => reasons.includes(reason))?.message;
}

/** Runtimes wrap their errors many times: the innermost says it. */
function rootCause(message: string): string {
  const text = message.trim().replace(/: unknown$/, '');
  const parts = text.split(/: (?=[a-z"])/);
  // The last two, since the innermost alone often lacks its object.
  return parts.length <= 2 ? text : parts.slice(-2).join(': ');
}

/** What preemption could not do is no news to who asks why a pod has no node. */
function withoutPreemption(message: string): string {
  return message
    .replace(/,? ?preemption: .*$/s, '')
    .replace(/ ?no new claims to deallocate,?/g, '')
    .trim();
}
