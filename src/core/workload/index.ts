export type { KeyDistribution, KeySource, KeySpace } from './key-source.ts';
export type { ValueKind, ValueSource } from './value-source.ts';
