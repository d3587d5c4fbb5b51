/** The oldest node that our bundles run on. */
export const MINIMUM_NODE = '22.19';

/** Whether what `node --version` said (`v24.1.0`) is new enough. */
export function isNewEnough(version: string | undefined): boolean {
  const [, major, minor] = /^v(\d+)\.(\d+)\.\d+/.exec(version ?? '') ?? [];
  const [wantedMajor = 0, wantedMinor = 0] = MINIMUM_NODE.split('.').map(Number);
  return Number(major) > wantedMajor || (Number(major) === wantedMajor && Number(minor) >= wantedMinor);
}
