/** Every key that an election uses in etcd. All of them stand under one prefix, which is empty by default. */
export interface ElectionKeys {
  readonly prefix: string;
  /** The office: its value is the master's identity, its lease the master's. */
  readonly master: string;
  /** The payload that each new master writes. */
  readonly payload: string;
  /** The number of the current round, decimal. Moved by the winner's transaction only. */
  readonly round: string;
  /** Written to end all processes of the election. */
  readonly stop: string;
  /** Held by the one experiment that may kill masters at a time. */
  readonly experiment: string;
  /** Announces a replicated batch: its value is the batch's prefix. */
  readonly announcement: string;
  readonly newMasters: string;
  readonly agents: string;
  /** The filler that stands for an application's state. */
  readonly status: string;
  readonly queue: string;
  readonly updated: string;
  readonly updatedResults: string;
  readonly followedResults: string;
  /** `/new_master/<candidate>_<seconds>` */
  newMaster(candidate: string, seconds: number): string;
  /** `/agents/<round>/` */
  agentsOf(round: number): string;
  /** `/agents/<round>/<identity>` */
  agent(round: number, identity: string): string;
  /** `/status/<uuid>` */
  filler(uuid: string): string;
  /** `/election/queue/<lease id in hex>` */
  queued(leaseId: bigint): string;
  /** `/updated/<batch>/` */
  batch(batch: string): string;
  /** `/updated_result/<batch>` */
  batchResult(batch: string): string;
  /** `/watch_updated_result/<id>` */
  followedResult(id: string): string;
}

/** The keys of the election under `prefix`: '' for the documented ones, `/lab-a` to keep elections apart. */
export function electionKeys(prefix = ''): ElectionKeys {
  const keys = {
    prefix,
    master: `${prefix}/master`,
    payload: `${prefix}/ego_conf`,
    round: `${prefix}/election/round`,
    stop: `${prefix}/election/stop`,
    experiment: `${prefix}/election/experiment`,
    announcement: `${prefix}/updatedwatchkey`,
    newMasters: `${prefix}/new_master/`,
    agents: `${prefix}/agents/`,
    status: `${prefix}/status/`,
    queue: `${prefix}/election/queue/`,
    updated: `${prefix}/updated/`,
    updatedResults: `${prefix}/updated_result/`,
    followedResults: `${prefix}/watch_updated_result/`,
  };
  return {
    ...keys,
    newMaster: (candidate, seconds) => `${keys.newMasters}${candidate}_${seconds}`,
    agentsOf: (round) => `${keys.agents}${round}/`,
    agent: (round, identity) => `${keys.agents}${round}/${identity}`,
    filler: (uuid) => `${keys.status}${uuid}`,
    queued: (leaseId) => `${keys.queue}${leaseId.toString(16)}`,
    batch: (batch) => `${keys.updated}${batch}/`,
    batchResult: (batch) => `${keys.updatedResults}${batch}`,
    followedResult: (id) => `${keys.followedResults}${id}`,
  };
}

/** All prefixes and single keys that an election leaves behind: what `init` removes before a test. */
export function electionLeftovers(keys: ElectionKeys): { prefixes: readonly string[]; keys: readonly string[] } {
  return {
    prefixes: [
      keys.newMasters,
      keys.agents,
      keys.status,
      keys.queue,
      keys.updated,
      keys.updatedResults,
      keys.followedResults,
    ],
    keys: [keys.master, keys.payload, keys.round, keys.stop, keys.announcement],
  };
}
