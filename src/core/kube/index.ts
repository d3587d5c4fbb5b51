export type { Kube } from './kube.ts';
