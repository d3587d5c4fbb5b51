import { z } from 'zod';
import { workloadSchema } from './workload-schema.ts';

/** The schema of workload files for editors (JSON Schema draft 7). */
export function workloadJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(workloadSchema, { io: 'input', target: 'draft-7' });
  return {
    $schema,
    title: 'etcdperf workload',
    description: 'What a driver does to a cluster; what is left out comes from flags, or has a default',
    ...schema,
  };
}
