/** `3.6.16` → [3, 6, 16]; what is not a number counts as 0. */
export function versionParts(version: string): readonly [major: number, minor: number, patch: number] {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.+-]/).map((part) => Number.parseInt(part, 10) || 0);
  return [major, minor, patch];
}

/** etcd has /livez and /readyz (with a read through raft) since 3.4.29 and 3.5.12. */
export function hasReadyz(version: string): boolean {
  const [major, minor, patch] = versionParts(version);
  if (major !== 3) return major > 3;
  return minor > 5 || (minor === 5 && patch >= 12) || (minor === 4 && patch >= 29);
}

/** Why data of one version can't be taken over by another in place; undefined where it can: etcd goes up one minor at a time. */
export function cannotBecome(from: string, to: string): string | undefined {
  const [fromMajor, fromMinor] = versionParts(from);
  const [toMajor, toMinor] = versionParts(to);
  if (fromMajor !== toMajor) return `etcd ${from} can't become ${to}`;
  if (toMinor < fromMinor) return `etcd ${from} can't go back to ${to}`;
  return toMinor > fromMinor + 1 ? `etcd ${from} must become ${fromMajor}.${fromMinor + 1} before ${to}` : undefined;
}
