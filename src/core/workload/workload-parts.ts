import type { Workload } from './workload.ts';

type Section = 'valueBytes' | 'load' | 'subtreeChurn' | 'valueChurn' | 'reads' | 'watches' | 'leases' | 'verification';

/** What is said of one part of a workload: some of its words, or that there is to be none. */
type SectionParts<T> = { readonly [K in keyof T]?: T[K] | undefined } | 'off';

/**
 * What a workload file says, or what flags say, of a workload: what is left out or undefined is not said. Several are
 * laid over each other (`mergeWorkload`), and defaults come last (`completeWorkload`).
 */
export type WorkloadParts = {
  readonly [K in Section]?: SectionParts<NonNullable<Workload[K]>> | undefined;
} & { readonly [K in Exclude<keyof Workload, Section>]?: Workload[K] | undefined };
