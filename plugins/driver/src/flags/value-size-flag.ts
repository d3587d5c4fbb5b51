import { Flags } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';

/** Sizes of values in bytes; `off`: the pattern's own. */
export type ValueSizes = { readonly min: number; readonly max: number } | 'off';

/** `10,30`; `0,0` are the pattern's own sizes. Throws InputError for anything else. */
export function parseValueSizes(text: string): ValueSizes {
  const [, min, max] = /^(\d{1,9}),\s*(\d{1,9})$/.exec(text.trim()) ?? [];
  const sizes = { min: Number(min), max: Number(max) };
  if (sizes.min === 0 && sizes.max === 0) return 'off';
  if (sizes.min <= sizes.max) return sizes;
  throw new InputError(`'${text}' are no sizes of values`, {
    hint: "write the smallest and the largest in bytes: '10,30'; '0,0' are the pattern's own",
  });
}

export const valueSizesFlag = Flags.custom<ValueSizes>({
  parse: async (text) => parseValueSizes(text),
  helpValue: 'MIN,MAX',
});
