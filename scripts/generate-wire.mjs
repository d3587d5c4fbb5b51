#!/usr/bin/env node
// Makes src/core/wire/generated/ (git-ignored) from the .proto files that ship with the etcd3 package: the codec that
// tests hold core/wire's own against. Does nothing when all is up to date.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'src/core/wire/generated');
const options = [
  ['-t', 'static-module', '-w', 'esm', '--dts'],
  // 64-bit numbers stay exact: member ids do not fit a double.
  ['--force-long'],
  ['--no-create', '--no-verify', '--no-delimited', '--no-typeurl', '--no-convert', '--no-service'],
].flat();

/** Generates the codec module; a no-op when protos, generator and options are those of the last time. */
export async function generateWire() {
  const require = createRequire(import.meta.url);
  const protos = join(root, 'node_modules/etcd3/proto');
  const stamp = stampOf(protos, require('protobufjs-cli/package.json').version);
  if (readIfThere(join(folder, 'stamp')) === stamp) return;
  mkdirSync(folder, { recursive: true });
  const pbjs = require('protobufjs-cli/pbjs');
  await new Promise((resolve, reject) => {
    pbjs.main([...options, '-p', protos, '-o', join(folder, 'etcd.js'), 'rpc.proto'], (error) =>
      error ? reject(error) : resolve(),
    );
  });
  writeFileSync(join(folder, 'stamp'), stamp);
}

function stampOf(protos, generatorVersion) {
  const hash = createHash('sha256').update(JSON.stringify([generatorVersion, options]));
  for (const name of readdirSync(protos).sort()) hash.update(readFileSync(join(protos, name)));
  return hash.digest('hex');
}

function readIfThere(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await generateWire();
