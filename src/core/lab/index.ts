export { createLab, type LabOptions } from './create-lab.ts';
export { currentLabInventory, openLab } from './find-labs.ts';
export { Lab } from './lab.ts';
export type { LabUser } from './lab-files.ts';
export { LabHost } from './lab-host.ts';
export { labsDir } from './lab-state.ts';
export { removeLab } from './remove-lab.ts';
export { sweepDeadLabs } from './sweep-dead-labs.ts';
