// Writes conf/*.schema.json, which editors check inventories and workloads with. Run it after a change of
// src/core/config/*-schema.ts; src/core/config/examples.test.ts tells when it was forgotten.
//   node scripts/generate-schema.mjs        (node 24: it reads the TypeScript as it is)
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inventoryJsonSchema } from '../src/core/config/inventory-json-schema.ts';
import { workloadJsonSchema } from '../src/core/config/workload-json-schema.ts';

for (const [name, schema] of [
  ['inventory', inventoryJsonSchema()],
  ['workload', workloadJsonSchema()],
]) {
  const file = fileURLToPath(new URL(`../conf/${name}.schema.json`, import.meta.url));
  writeFileSync(file, `${JSON.stringify(schema, null, 2)}\n`);
  execFileSync('npx', ['biome', 'format', '--write', file], { stdio: 'inherit' });
}
