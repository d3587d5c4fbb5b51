export { cacheDir, defaultRunsDir, stateDir } from './directories.ts';
export { editInventory } from './edit-inventory.ts';
export { foldHostNames } from './fold-host-names.ts';
export type {
  AuthConfig,
  Backend,
  ClockConfig,
  ClockServer,
  ClusterConfig,
  HostSettings,
  Inventory,
  InventoryHost,
  JumpHost,
  KubernetesConfig,
  KubernetesServices,
  KubernetesStorage,
  LimitsConfig,
  MemberConfig,
  TlsConfig,
  Toleration,
} from './inventory.ts';
export { loadInventory } from './load-inventory.ts';
export { loadWorkload } from './load-workload.ts';
export { parseDuration } from './parse-duration.ts';
export { selectHosts } from './select-hosts.ts';
export { yamlText } from './yaml-text.ts';
