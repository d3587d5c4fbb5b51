import { z } from 'zod';

/** The one source of truth for what a workload file may say: `conf/workload.schema.json` is generated from it. */

const text = z.string().min(1);
const count = z.int().min(1);
const level = z.int().min(0).describe('A level of the pattern; 0 is its first');
const percent = z.number().gt(0).max(100);
const rate = text
  .regex(/^(?=.*[1-9])\d+(\.\d+)?\/[smh]$/, 'must be a rate above 0 with its unit: 7920/h, 60/m or 120/s')
  .meta({ examples: ['7920/h'] });
const duration = text
  .regex(/^(?=.*[1-9])(\d+(\.\d+)?(ms|s|m|h))+$/, 'must be a duration above 0 with its unit: 500ms, 30s, 10m or 2h')
  .meta({ examples: ['30s'] });
const yes = z.boolean().optional();

export const workloadSchema = z.strictObject({
  description: text.describe('What it is like, for those who read it').optional(),
  pattern: text
    .describe('<key pattern>;<value pattern>, such as /prefix/:ip/%node-%04d[100]/%leaf-%06d[50];[0-9]{140,160}')
    .optional(),
  rules: z
    .record(text.regex(/^[A-Za-z_]\w*$/, 'must be a word: letters, digits, _'), z.array(text).min(1))
    .describe('Rules of your own: the pattern says :name, and each value becomes a child')
    .optional(),
  valueBytes: z
    .union([count, z.strictObject({ min: count, max: count })])
    .describe("Sizes of values in bytes, in place of the value pattern's own")
    .optional(),
  keysPerCombination: count
    .describe('Of a pattern with generated levels: keys for each combination of its other levels. Default: 1')
    .optional(),
  load: z
    .union([
      z.literal('off'),
      z.strictObject({ rate: rate.describe('Keys; default: as fast as the clients get answers').optional() }),
    ])
    .describe('Writing all keys first. Default: as fast as the clients get answers; off: they are there already')
    .optional(),
  subtreeChurn: z
    .strictObject({
      level: level.min(1).describe('A level of the pattern below its first'),
      percent: percent.describe("Share of the level's subtrees that takes part. Default: 10").optional(),
      rate: rate.describe('Subtrees'),
    })
    .describe('Deletes subtrees and writes them anew')
    .optional(),
  valueChurn: z.strictObject({ rate }).describe('New values for random keys').optional(),
  reads: z
    .strictObject({
      level,
      rate: rate.describe('Requests'),
      keysOnly: yes,
      serializable: yes,
      full: z.boolean().describe('All keys below the node; else the first, and their count').optional(),
    })
    .describe('Ranges below random nodes of a level; single keys at the last')
    .optional(),
  watches: z
    .strictObject({
      perLevel: z
        .array(z.union([z.int().min(0), z.literal('every')]))
        .min(1)
        .describe('Watchers per level, the first is level 0: a number, or every node'),
      prefix: z.boolean().describe('All keys below a node, not its own key alone').optional(),
      rereadInterval: duration.describe('What is watched is read again so often, as a rules engine does').optional(),
    })
    .describe('Watchers on nodes')
    .optional(),
  leases: z
    .strictObject({
      count,
      ttl: duration.describe('Whole seconds. Default: 2000s').optional(),
      ramp: duration.describe('Grants are spread over so much time').optional(),
    })
    .describe('Leases that are kept alive')
    .optional(),
  verification: z
    .strictObject({ samplePercent: percent.describe('Share of the keys that is followed. Default: 100').optional() })
    .describe('Checks that what etcd acknowledged is what it holds, and tells its watchers')
    .optional(),
  connections: count.describe('Default: 1').optional(),
  clients: count.describe('Callers while loading without a rate. Default: 1').optional(),
  timeout: duration.describe('Default: 10s').optional(),
  reconnectAfter: z.int().min(0).describe('Requests after which a connection is opened anew; 0: never').optional(),
  duration: duration.describe('After the loading. Default: until the end key is written').optional(),
  seed: z.int().min(0).max(0xffff_ffff).describe('Of everything random. Default: 1').optional(),
});

export type WorkloadFile = z.output<typeof workloadSchema>;
