// Writes conf/inventory.schema.json, which editors check inventories with. Run it after a change of
// src/core/config/inventory-schema.ts; src/core/config/examples.test.ts tells when it was forgotten.
//   node scripts/generate-schema.mjs        (node 24: it reads the TypeScript as it is)
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inventoryJsonSchema } from '../src/core/config/inventory-json-schema.ts';

const file = fileURLToPath(new URL('../conf/inventory.schema.json', import.meta.url));
writeFileSync(file, `${JSON.stringify(inventoryJsonSchema(), null, 2)}\n`);
execFileSync('npx', ['biome', 'format', '--write', file], { stdio: 'inherit' });
