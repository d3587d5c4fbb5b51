export type { Credential } from './credential.ts';
