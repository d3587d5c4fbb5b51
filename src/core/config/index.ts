export { compareNames } from './compare-names.ts';
export { cacheDir, defaultRunsDir, stateDir } from './directories.ts';
export { foldHostNames } from './fold-host-names.ts';
export { expandHostRange, HostRangeError } from './host-range.ts';
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
export { didYouMean, nearestName } from './nearest-name.ts';
export { selectHosts } from './select-hosts.ts';
