export { cacheDir, defaultRunsDir, stateDir } from './directories.ts';
export { foldHostNames } from './fold-host-names.ts';
export type {
  AuthConfig,
  ClockConfig,
  ClockServer,
  ClusterConfig,
  HostSettings,
  Inventory,
  InventoryHost,
  JumpHost,
  LimitsConfig,
  MemberConfig,
  TlsConfig,
} from './inventory.ts';
export { loadInventory } from './load-inventory.ts';
export { loadWorkload } from './load-workload.ts';
export { parseDuration } from './parse-duration.ts';
export { selectHosts } from './select-hosts.ts';
