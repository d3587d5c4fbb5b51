/** Unix microseconds as records have it: seconds with 6 decimals, `1462632492.123456`. */
export function formatRecordTime(us: number): string {
  const whole = Math.round(us);
  const seconds = Math.floor(whole / 1e6);
  return `${seconds}.${String(whole - seconds * 1e6).padStart(6, '0')}`;
}

/** Unix microseconds of a record's time, or undefined if it isn't one. Whole seconds are taken, too. */
export function parseRecordTime(text: string): number | undefined {
  const match = /^(\d{1,10})(?:\.(\d{1,6}))?$/.exec(text);
  if (!match) return undefined;
  return Number(match[1]) * 1e6 + Number((match[2] ?? '').padEnd(6, '0'));
}
