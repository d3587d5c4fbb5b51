import { isBuiltin } from 'node:module';
import { ROOT } from './for-node.mjs';

/** Parts of the command framework that no command needs to begin: loaded by whoever asks them for something. */
const LOADED_LATE = [
  // Colours, spinners.
  />\.\.?\/(?:\.\.\/)?ux(?:\/theme|\/list)?$/,
  />node:(?:readline|fs\/promises)$/,
  // For help, and for messages of errors.
  />(?:ejs|clean-stack|wrap-ansi)$/,
];
/** And those that only the framework itself comes to, so that they need not be inside. */
const LEFT_OUTSIDE = {
  'command.js>./config': '@oclif/core/config',
  'errors/index.js>./handle': '@oclif/core/handle',
  'flags.js>./help': '@oclif/core/help',
};
/** Kubernetes' library: of its hundreds of generated models nothing is used, and to load them took 350 ms. */
const KUBERNETES = '@kubernetes/client-node';
/** What it stands on for proxies, and for requests of its own: loaded by who has a proxy. Package → what is used of it. */
const FOR_PROXIES = {
  undici: ['Agent', 'FormData', 'ProxyAgent', 'fetch'],
  hpagent: ['HttpProxyAgent', 'HttpsProxyAgent'],
  socks: ['SocksClient'],
  'socks-proxy-agent': ['SocksProxyAgent'],
};
/** Optional parts of the web sockets that it uses, which are not installed. */
const NOT_THERE = ['bufferutil', 'utf-8-validate'];
/** Each of a size that is less work to read than to find. */
const SMALL = ['p-limit'];

/**
 * Packages stay outside, except the parts of the command framework that every command is made of: as files of their own
 * they were a fifth of each start; and what is used of Kubernetes' library.
 */
export const frameworkInside = {
  name: 'framework-inside',
  setup({ resolve, onResolve, onLoad }) {
    const moduleOf = (contents) => ({ contents, resolveDir: ROOT });
    onResolve({ filter: /./ }, async ({ path, importer, kind, resolveDir, namespace }) => {
      if (namespace === 'late' && path.startsWith('@oclif/core/')) return { path, external: true };
      if (kind === 'entry-point' || namespace !== 'file') return;
      if (NOT_THERE.includes(path)) return { path, external: true };
      if (importer.includes(`/${KUBERNETES}/`) || path.startsWith(`${KUBERNETES}/`)) {
        if (path in FOR_PROXIES) return { path, namespace: 'for-proxies' };
        if (!isBuiltin(path))
          return { path: (await resolve(path, { resolveDir, kind, namespace: 'real' })).path, sideEffects: false };
      }
      const isInside = SMALL.includes(path) || path.startsWith('@oclif/core/') || importer.includes('/node_modules/');
      if (!isInside) return /^[./]/.test(path) ? undefined : { path, external: true };
      const real = async () => (await resolve(path, { resolveDir, kind, namespace: 'real' })).path;
      if (path === 'debug') return { path: await real(), namespace: 'if-debug' };
      const edge = `${importer}>${path}`.split('/@oclif/core/lib/')[1];
      if (edge === undefined) return;
      if (edge in LEFT_OUTSIDE) return { path: LEFT_OUTSIDE[edge], namespace: 'late' };
      if (LOADED_LATE.some((late) => late.test(edge))) return { path: await real(), namespace: 'late' };
    });
    onLoad({ filter: /./, namespace: 'late' }, ({ path }) =>
      moduleOf(`const load = () => require(${JSON.stringify(path)});
        module.exports = new Proxy({ __esModule: true }, {
          get: (own, name) => own[name] ?? load()[name] ?? (name === 'default' ? load() : undefined),
        });`),
    );
    onLoad({ filter: /./, namespace: 'for-proxies' }, ({ path }) =>
      moduleOf(`import { createRequire as requireFrom } from 'node:module';
        const load = () => requireFrom(requireFrom(import.meta.url).resolve('${KUBERNETES}'))('${path}');
        const late = (name) => new Proxy(class {}, {
          get: (_, key) => load()[name][key],
          apply: (_, self, args) => load()[name](...args),
          construct: (_, args) => new (load()[name])(...args),
        });
        ${FOR_PROXIES[path].map((name) => `export const ${name} = late('${name}');`).join('\n')}`),
    );
    // It does nothing unless told to.
    onLoad({ filter: /./, namespace: 'if-debug' }, ({ path }) =>
      moduleOf(`module.exports = process.env.DEBUG === undefined ? () => () => {} : require(${JSON.stringify(path)});`),
    );
  },
};
