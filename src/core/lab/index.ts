export { createLab, type LabOptions } from './create-lab.ts';
export { currentLabInventory, downLab, openLab } from './find-labs.ts';
export {
  createKubernetesLab,
  KubernetesLab,
  type KubernetesLabOptions,
  type LabComponent,
} from './kubernetes/index.ts';
export { Lab } from './lab.ts';
export type { LabUser } from './lab-files.ts';
export { LabHost } from './lab-host.ts';
export type { LabHostStatus, LabStatus } from './lab-status.ts';
export { SKEW_SCRIPT } from './skew.ts';
export { sweepDeadLabs } from './sweep-dead-labs.ts';
