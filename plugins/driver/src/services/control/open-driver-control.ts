import type { ClusterAccess } from '@etcdperf/core/etcd';
import type { WireClient } from '@etcdperf/core/wire';
import type { PatternSpace } from '@etcdperf/core/workload';
import type { DriverState, StateStore } from '../resume/driver-state.ts';
import { etcdStateStore } from '../resume/etcd-state-store.ts';
import { folderStateStore } from '../resume/folder-state-store.ts';
import { checkState } from '../resume/take-up-state.ts';
import { ActiveDriver, type DriverControlContext } from './active-driver.ts';
import { awaitPredecessor, type PredecessorQuestion } from './await-predecessor.ts';
import { connectControl } from './connect-control.ts';
import { controlKeys } from './control-keys.ts';
import type { ControlSettings, DriverControl } from './driver-control.ts';
import { endKeyRefusal, saysEnd } from './end-key.ts';

/** Unless the context says otherwise. */
const REGISTRATION_TTL_SECONDS = 10;

/** What was found before anything is written. */
export interface Beginning {
  readonly predecessor: PredecessorQuestion;
  readonly space: PatternSpace;
  readonly store: StateStore | undefined;
  readonly state: DriverState | undefined;
  /** Of the cluster under test, in hexadecimal. */
  readonly clusterId: string;
  /** The end key says that the run is over. */
  readonly isEnded: boolean;
  /** Of the end key's last change; 0: it is not there. */
  readonly endKeyRevision: number;
  /** Of the control cluster, when the end key was read. */
  readonly revision: number;
}

/**
 * Connects to the control cluster, waits until the last driver of this name is gone where its state is to be taken up, and
 * reads what is there; nothing is written before `register()`. Rejects with an InputError when the end key says that runs are to end and there is none to resume, when
 * the saved state is damaged or another workload's, and when a driver of this name lives, or one works on
 * the same hierarchy; with an
 * OperationError when the control cluster can't be reached.
 *
 * @param openSpace the workload's, with this address for `:ip`
 */
export async function openDriverControl(
  settings: ControlSettings,
  openSpace: (ip: string) => PatternSpace,
  context: DriverControlContext,
): Promise<DriverControl> {
  const { signal } = context;
  const client = await connectControl(settings.controlAccess, signal);
  let watching: WireClient | undefined;
  try {
    watching = await connectControl(settings.controlAccess, signal);
    const beginning = await look(settings, client, openSpace, context);
    const driver = new ActiveDriver({ settings, context, client, watching, beginning });
    await driver.company();
    return driver;
  } catch (error) {
    await Promise.all([client.close(), watching?.close()]);
    throw error;
  }
}

async function look(
  settings: ControlSettings,
  client: WireClient,
  openSpace: (ip: string) => PatternSpace,
  context: DriverControlContext,
): Promise<Beginning> {
  const { access, controlAccess, endKey, workload, name } = settings;
  const { signal, onStep, registrationTtlSeconds: ttlSeconds = REGISTRATION_TTL_SECONDS } = context;
  const predecessor = { client, endKey, name, ttlSeconds, signal, onStep };
  if (settings.resumeFrom !== undefined) await awaitPredecessor(predecessor);
  const { header, kvs } = await client.range(endKey, { signal });
  const store = openStore(settings, client);
  const state = await store?.read(signal);
  const space = openSpace(state?.ip ?? settings.ip);
  if (state !== undefined && store !== undefined) checkState(state, space, workload.seed, store);
  const isEnded = saysEnd(kvs[0]?.value);
  if (isEnded && state === undefined) throw endKeyRefusal(endKey);
  const clusterId = access === controlAccess ? header.clusterId : await readClusterId(access, signal);
  return {
    predecessor,
    space,
    store,
    state,
    clusterId: clusterId.toString(16),
    isEnded,
    endKeyRevision: kvs[0]?.modRevision ?? 0,
    revision: header.revision,
  };
}

function openStore({ resumeFrom, runsDir, name, endKey }: ControlSettings, client: WireClient): StateStore | undefined {
  switch (resumeFrom) {
    case undefined:
      return undefined;
    case 'etcd':
      return etcdStateStore(client, controlKeys(endKey, name).state);
    case 'folder':
      return folderStateStore(runsDir, name);
    default:
      return resumeFrom satisfies never;
  }
}

async function readClusterId(access: ClusterAccess, signal: AbortSignal): Promise<bigint> {
  await using client = await connectControl(access, signal);
  return (await client.status({ signal })).clusterId;
}
