import { z } from 'zod';
import { inventorySchema } from './inventory-schema.ts';

/** The schema of inventory files for editors (JSON Schema draft 7, which YAML editors know best). */
export function inventoryJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(inventorySchema, { io: 'input', target: 'draft-7' });
  return {
    $schema,
    title: 'etcdperf inventory',
    description: 'Hosts, groups and clusters of an etcd performance lab',
    ...schema,
  };
}
