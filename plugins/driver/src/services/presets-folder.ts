import { fileURLToPath } from 'node:url';

/**
 * The workloads that go by their bare name: copies of conf/workloads that `npm run build` makes, since a plugin that is
 * installed alone has no conf. The same from src/ and dist/.
 */
export const presetsFolder = fileURLToPath(new URL('../../dist/workloads', import.meta.url));
