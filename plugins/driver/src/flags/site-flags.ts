import { type ClusterFlagValues, clusterFlags, Flags, inventoryFlags } from '@etcdperf/core/cli';

/** Where drivers find each other. */
const controlFlags = {
  'control-endpoints': Flags.string({
    description:
      'another cluster for the end key and all that drivers tell each other, so that it does not disturb what is measured',
    helpGroup: 'CONTROL',
    helpValue: 'URL,…',
    exclusive: ['control-cluster'],
  }),
  'control-cluster': Flags.string({
    description: 'the same, by its name in the inventory',
    helpGroup: 'CONTROL',
    helpValue: 'NAME',
  }),
};

/** What every driver command understands: the inventory, the cluster, and where drivers find each other. */
export const siteFlags = { ...inventoryFlags, ...clusterFlags, ...controlFlags };

/** The values of `siteFlags`. */
export interface SiteFlagValues extends ClusterFlagValues {
  readonly inventory?: string | undefined;
  readonly 'control-endpoints'?: string | undefined;
  readonly 'control-cluster'?: string | undefined;
}

/** The key whose `true` ends a test. */
export const endKeyFlag = {
  'test-end-key': Flags.string({
    description: 'the run ends when this key is written true',
    default: '/prefix/testEnd',
    helpGroup: 'CONTROL',
    helpValue: 'KEY',
  }),
};
