/**
 * What node is started with, before the bundle. By default its young generation grows past 100 MB when thousands of
 * agents react at once, and never shrinks: 10 KB for each of 10,000 agents, and nothing is faster for it.
 */
export const processNodeFlags: readonly string[] = ['--max-semi-space-size=8'];
