/** Sorts names as people do: node2 before node10. A total order: names that differ never compare equal. */
export function compareNames(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true }) || (a < b ? -1 : a > b ? 1 : 0);
}
