/** Where hosts:init records on a host how things were before, for hosts:reset. */
export function recordDir(workDir: string): string {
  return `${workDir}/init`;
}
