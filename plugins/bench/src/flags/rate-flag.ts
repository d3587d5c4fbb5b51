import { Flags } from '@etcdperf/core/cli';
import type { Pace } from '@etcdperf/core/load';

/** `--rate` where it means something of its own, or has another default. */
export const rateFlag = (description: string, defaultHelp: string) => ({
  rate: Flags.custom<Pace>({
    parse: async (text) => (await import('@etcdperf/core/load')).parseRate(text),
    description: `${description}, whatever the answers do, latency counted from when each was due: 5000, 5000/s, 100/m`,
    defaultHelp: async () => defaultHelp,
    helpValue: 'RATE',
  })(),
});
