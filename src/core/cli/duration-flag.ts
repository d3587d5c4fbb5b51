import * as Flags from '@oclif/core/flags';
import { parseDuration } from '../config/index.ts';

/** `500ms`, `2s`, `10m`, as milliseconds. */
export const durationFlag = Flags.custom<number>({
  parse: async (text) => parseDuration(text),
  helpValue: 'DURATION',
});
