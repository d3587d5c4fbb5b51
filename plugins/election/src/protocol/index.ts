export {
  type AgentEvent,
  type CandidateEvent,
  type ElectionEvent,
  type LostReason,
  parseElectionEvent,
  type StopReason,
} from './events.ts';
export { type ElectionKeys, electionKeys, electionLeftovers } from './keys.ts';
export { masterName } from './master-name.ts';
export { processNodeFlags } from './node-flags.ts';
export { parseRound } from './parse-round.ts';
export {
  type AgentsConfig,
  type AgentsConfigInput,
  type Algorithm,
  agentsConfigSchema,
  type CandidateConfig,
  type CandidateConfigInput,
  candidateConfigSchema,
  type ReplicationConfig,
} from './process-config.ts';
export { formatRecordTime, parseRecordTime } from './record-time.ts';
export {
  formatAgentRecord,
  formatBatchRecord,
  formatNewMasterRecord,
  parseAgentRecord,
  parseBatchRecord,
  parseNewMasterRecord,
} from './records.ts';
