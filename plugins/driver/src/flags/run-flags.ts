import { durationFlag, Flags, reportFlags, targetFlags } from '@etcdperf/core/cli';
import { secondsFlag } from './seconds-flag.ts';
import { endKeyFlag, siteFlags } from './site-flags.ts';
import { workloadFlags } from './workload-flags.ts';

const { interval: _interval, threshold, precise, 'runs-dir': runsDir } = reportFlags;

/** All that `driver:run` understands. See `driverSettingsFrom`. */
export const runFlags = {
  ...siteFlags,
  ...targetFlags,
  ...workloadFlags,
  ...endKeyFlag,
  name: Flags.string({
    description: 'what this driver is called among others, also after a restart',
    env: 'ETCDPERF_DRIVER_NAME',
    defaultHelp: async () => 'the host’s name',
    helpValue: 'NAME',
    helpGroup: 'CONTROL',
  }),
  ip: Flags.string({
    description: 'what :ip in the pattern stands for',
    env: 'POD_IP',
    defaultHelp: async () => 'this machine’s address',
    helpValue: 'ADDRESS',
    helpGroup: 'KEYS',
  }),
  'resume-from': Flags.option({
    options: ['etcd', 'folder'] as const,
    description:
      'keep the driver’s state there, and go on where one of the same name ended: nothing is loaded twice, counters go on, the gap is told',
    helpGroup: 'CONTROL',
  })(),
  'share-hierarchy': Flags.boolean({
    description: 'start although another driver works on the same keys',
    helpGroup: 'CONTROL',
  }),
  force: Flags.boolean({ description: 'start although etcd’s quota has no room for all keys', helpGroup: 'KEYS' }),
  'max-in-flight': Flags.integer({
    description: 'requests without an answer at any moment; further ones wait, and that is in their latency',
    default: 10_000,
    min: 1,
    max: 1_000_000,
    helpValue: 'N',
    helpGroup: 'CLIENTS',
  }),
  'do-not-exit': Flags.boolean({
    description: 'stay after the summary until a signal comes: in a pod, that the load is not started again',
    helpGroup: 'CONTROL',
  }),
  cleanup: Flags.boolean({ description: 'delete all keys of the pattern at the end', helpGroup: 'KEYS' }),
  'csv-file': Flags.string({
    description: 'a line for the loading, each --stats-interval and the summary is added to this file',
    helpValue: 'FILE',
    helpGroup: 'REPORT',
  }),
  'file-comment': Flags.string({
    description: 'said in each of its lines',
    helpValue: 'TEXT',
    helpGroup: 'REPORT',
  }),
  'stats-interval': secondsFlag({
    description: 'how often it gets a line while the load runs; -1: never',
    defaultHelp: async () => '-1',
    helpGroup: 'REPORT',
  }),
  'metrics-port': Flags.integer({
    description: 'serve /metrics for Prometheus on this port; 0: any free one',
    min: 0,
    max: 65_535,
    helpValue: 'PORT',
    helpGroup: 'REPORT',
  }),
  'metrics-address': Flags.string({
    description: 'on this address; 0.0.0.0: all',
    default: '127.0.0.1',
    helpValue: 'ADDRESS',
    helpGroup: 'REPORT',
  }),
  interval: durationFlag({
    description: 'how often figures are written to the run folder, shown, and the driver’s state is saved',
    default: 1000,
    defaultHelp: async () => '1s',
    helpGroup: 'REPORT',
  }),
  verbose: Flags.boolean({ description: 'let the line of each interval stand', helpGroup: 'REPORT' }),
  threshold,
  precise,
  'runs-dir': runsDir,
};
