import { fileURLToPath } from 'node:url';

/** What the bundled processes are called on hosts: `<workDir>/lib/election.mjs`. */
export const bundleName = 'election';

/** The bundled processes in this package, built by `npm run build`; the same from src/ and dist/. */
export const bundlePath = fileURLToPath(new URL('../../dist/agent/election.mjs', import.meta.url));
