import * as Flags from '@oclif/core/flags';
import { parseDuration } from '../config/index.ts';

/** `500ms`, `2s`, `10m`, as milliseconds. */
export const durationFlag = Flags.custom<number>({
  parse: async (text) => parseDuration(text),
  helpValue: 'DURATION',
});

/** As `durationFlag`, where none at all makes sense, too: 0. */
export const durationOrZeroFlag = Flags.custom<number>({
  parse: async (text) => (/^0(ms|s|m|h)?$/.test(text.trim()) ? 0 : parseDuration(text)),
  helpValue: 'DURATION',
});
