import { isBuiltin } from 'node:module';

/** As esbuild writes it: one statement, at the beginning of a line. */
const IMPORT = /^import (?:([\w$]+)(?:, )?)?(?:\* as ([\w$]+)|\{([^}]*)\})?(?: from )"([^"]+)";\n/gm;
const REQUIRE = /\b(?:__)?require\("([^"]+)"\)/g;
/** Node has these before the first line of ours. */
const AT_HAND = ['fs', 'path', 'url', 'util', 'events', 'buffer', 'module', 'process'];
const LATE = `const __late = (id, name) => new Proxy(function () {}, {
  get: (_, key) => process.getBuiltinModule(id)[name][key],
  apply: (_, self, args) => process.getBuiltinModule(id)[name](...args),
  construct: (_, args, target) => Reflect.construct(process.getBuiltinModule(id)[name], args, target),
});
`;

/**
 * An ES module without its imports of node's own modules: to import one makes node look at all that it exports, which
 * loads what those stand on (streams for node:fs, worker threads for node:util; 15 ms in all). Taken from
 * `process.getBuiltinModule()` instead, functions and classes of modules that node has not loaded itself are
 * stand-ins, which load theirs when they are used.
 *
 * @param {string} text as esbuild has written it
 */
export function lateBuiltins(text) {
  const constants = [];
  const rest = text
    .replace(IMPORT, (statement, whole, namespace, names, id) => {
      if (!isBuiltin(id)) return statement;
      for (const name of [whole, namespace]) if (name !== undefined) constants.push(`${name} = ${builtin(id)}`);
      for (const [name, as = name] of namesOf(names)) constants.push(`${as} = ${named(id, name)}`);
      return '';
    })
    .replace(REQUIRE, (call, id) => (isBuiltin(id) ? builtin(id) : call));
  // CommonJS parts inside still call it, for what is optional.
  if (/\btypeof require\b/.test(rest))
    constants.push(`require = ${builtin('node:module')}.createRequire(import.meta.url)`);
  if (constants.length === 0) return rest;
  const late = constants.some((constant) => constant.includes('__late(')) ? LATE : '';
  return `${late}const ${constants.join(',\n  ')};\n${rest}`;
}

function builtin(id) {
  return `process.getBuiltinModule("${id}")`;
}

/** `{ a, b as c }` → [['a'], ['b', 'c']] */
function namesOf(names = '') {
  return names
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => part.split(' as '));
}

function named(id, name) {
  const isAtHand = AT_HAND.includes(id.replace('node:', ''));
  const isFunction = typeof process.getBuiltinModule(id)[name] === 'function';
  return isFunction && !isAtHand ? `__late("${id}", "${name}")` : `${builtin(id)}.${name}`;
}
