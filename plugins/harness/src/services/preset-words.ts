/** A command of another plugin with what it is usually asked. */
export interface Preset {
  /** `bench:put`. */
  readonly command: string;
  /** The package that has it. */
  readonly plugin: string;
  /** Always there: what the command does (`range`). */
  readonly words: readonly string[];
  readonly defaults: readonly PresetDefault[];
}

export interface PresetDefault {
  /** Flags (without dashes) that say otherwise: with one of them the default does not apply. */
  readonly unless: readonly string[];
  readonly words: readonly string[];
}

export const PRESETS = {
  fill: {
    ...{ command: 'driver:fill', plugin: '@etcdperf/driver', words: [] },
    defaults: [{ unless: ['keys', 'gb'], words: ['--keys', '100000'] }],
  },
  // As etcd's own documentation measures writes: https://etcd.io/docs/v3.5/op-guide/performance/
  'put-test': {
    ...{ command: 'bench:put', plugin: '@etcdperf/bench', words: [] },
    defaults: [
      { unless: ['connections', 'conns'], words: ['--connections', '100'] },
      { unless: ['clients'], words: ['--clients', '1000'] },
      { unless: ['total', 'duration'], words: ['--total', '100000'] },
      { unless: ['val-size', 'pattern'], words: ['--val-size', '256'] },
      { unless: ['cleanup'], words: ['--cleanup'] },
    ],
  },
  'range-test': {
    ...{ command: 'bench:sweep', plugin: '@etcdperf/bench', words: ['range'] },
    defaults: [{ unless: ['cleanup'], words: ['--cleanup'] }],
  },
} as const satisfies Readonly<Record<string, Preset>>;

/** What a preset is asked, and whether only to be told what it would run. */
export interface PresetWords {
  readonly words: readonly string[];
  readonly isDryRun: boolean;
}

/** The command's words: a first word that is no flag names the cluster, all else goes on as it was written. */
export function presetWords(preset: Preset, argv: readonly string[]): PresetWords {
  const [first, ...rest] = argv;
  const isCluster = first !== undefined && !first.startsWith('-');
  const given = (isCluster ? rest : argv).filter((word) => word !== '--dry-run');
  const defaults = preset.defaults.filter(({ unless }) => !unless.some((flag) => isGiven(flag, given)));
  return {
    words: [
      ...preset.words,
      ...(isCluster ? ['--cluster', first] : []),
      ...defaults.flatMap(({ words }) => words),
      ...given,
    ],
    isDryRun: argv.includes('--dry-run'),
  };
}

function isGiven(flag: string, words: readonly string[]): boolean {
  return words.some((word) => word === `--${flag}` || word.startsWith(`--${flag}=`));
}
