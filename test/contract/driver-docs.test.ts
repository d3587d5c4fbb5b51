import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const docs = readFileSync(`${root}/docs/driver.md`, 'utf8');

/** What the built command line understands. */
interface Manifest {
  readonly commands: Readonly<
    Record<string, { readonly flags: Readonly<Record<string, { readonly aliases?: readonly string[] }>> }>
  >;
}

const { commands }: Manifest = JSON.parse(readFileSync(`${root}/plugins/driver/oclif.manifest.json`, 'utf8'));

function flagsOf(command: string): string[] {
  return Object.entries(commands[command]!.flags).flatMap(([name, { aliases = [] }]) => [name, ...aliases]);
}

/** The parameters of old command lines, as the last columns of the results file have them. */
const OLD_FLAGS =
  'churn-level,churn-level-pct,churn-level-rate,churn-val-rate,client-timeout,clients,conns,do-not-exit,endpoints,etcd-reconnect-count,file-comment,full-get-read,get-keys-only,get-level,get-rate,pattern,put-rate,serializable-gets,skip-init,stats-interval,test-end-key,total,val-spec,verbose,watch-counts-per-level,watch-prefix-get-interval,watch-with-prefix,csv-file'.split(
    ',',
  );

test('every old flag is one of driver:run, and docs/driver.md tells what became of it', () => {
  const known = flagsOf('driver:run');
  expect(OLD_FLAGS.filter((name) => !known.includes(name))).toEqual([]);
  const table = docs.slice(docs.indexOf('| old | here |'), docs.indexOf('## The pattern'));
  expect(OLD_FLAGS.filter((name) => !new RegExp(`^\\|[^|]*\\b${name}\\b`, 'm').test(table))).toEqual([]);
});

test('every flag and command that docs/driver.md speaks of is there', () => {
  const known = new Set(Object.keys(commands).flatMap(flagsOf));
  const flags = [...docs.matchAll(/(?<![\w-])--([a-z][a-z-]+)/g)].map(([, name]) => name!);
  expect(flags.filter((name) => !known.has(name))).toEqual([]);
  const ids = [...docs.matchAll(/\bdriver:([a-z-]+)/g)].map(([id]) => id);
  expect(ids.filter((id) => id !== 'driver:' && commands[id] === undefined)).toEqual([]);
  for (const id of Object.keys(commands)) expect(docs).toContain(id);
});
