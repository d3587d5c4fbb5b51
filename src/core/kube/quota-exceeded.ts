const QUOTA =
  /exceeded quota: (?<name>[^,]+), requested: (?<requested>.+?), used: (?<used>.+?), limited: (?<limited>.+)$/;

/** A refusal for a namespace's quota as half a sentence, with its numbers; undefined for any other. */
export function quotaExceeded(message: string): string | undefined {
  const quota = QUOTA.exec(message)?.groups;
  if (quota === undefined) return undefined;
  const { name, requested, used, limited } = quota;
  return `quota ${name} is exceeded: requested ${requested}, used ${used}, limited to ${limited}`;
}
