import { Flags, parseDuration } from '@etcdperf/core/cli';

/** As `parseDuration`; a bare number is so many seconds, 0 and -1 are off. In ms. */
export function parseSeconds(text: string): number | 'off' {
  const bare = text.trim();
  if (/^(-1|0+)(s|m|h)?$/.test(bare)) return 'off';
  return parseDuration(/^\d+(\.\d+)?$/.test(bare) ? `${bare}s` : bare);
}

/** `30`, `30s`, `500ms`, `2m`, as milliseconds; `-1` is off. */
export const secondsFlag = Flags.custom<number | 'off'>({
  parse: async (text) => parseSeconds(text),
  helpValue: 'SECONDS',
});
