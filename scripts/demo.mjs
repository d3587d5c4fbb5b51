#!/usr/bin/env node
// The main job, from nothing to a failover summary. As root: in a lab of six hosts on this machine, over SSH.
// Otherwise (or with --local): the same experiment as plain processes. Ctrl-C takes everything down again.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const node = join(root, 'node_modules/node/bin/node');

/** Each step with the command that takes it back. */
const LAB_STEPS = [
  { run: 'lab:up --hosts 6 --name demo', undo: 'lab:down --name demo' },
  { run: 'hosts:check' },
  { run: 'hosts:init', undo: 'hosts:reset' },
  { run: 'harness:deploy', undo: 'harness:delete --yes' },
  { run: 'harness:status' },
  { run: 'election:init --keys 10000 --value-size 1024' },
  { run: 'election:masters --count 3', undo: 'election:stop' },
  { run: 'election:agents --count 1000' },
  { run: 'election:failover --rounds 5' },
  { run: 'election:summary' },
];
const LOCAL_STEPS = [{ run: 'election:failover --candidates 3 --agents 1000 --rounds 5' }, { run: 'election:summary' }];

const useLab = process.platform === 'linux' && process.getuid?.() === 0 && !process.argv.includes('--local');
const undo = [];
const environment = { ...process.env };
let interrupted = false;
let failed = false;
// The command in the foreground gets the signal too and cleans up; this process then takes the steps back.
for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => (interrupted = true));

for (const step of useLab ? LAB_STEPS : LOCAL_STEPS) {
  // Also a step that fails half-way is taken back.
  if (step.undo !== undefined) undo.unshift(step.undo);
  if ((await etcdperf(step.run)) !== 0) failed = true;
  if (failed || interrupted) break;
  // The demo works on its own lab, whatever else the user has.
  if (step.run.startsWith('lab:up')) environment.ETCDPERF_INVENTORY = labInventory('demo');
}
for (const command of undo) if ((await etcdperf(command)) !== 0) failed = true;
process.exitCode = interrupted ? 130 : failed ? 1 : 0;

function labInventory(name) {
  const { stdout } = spawnSync(node, [join(root, 'bin/run.js'), 'lab:status', '--name', name, '--json'], {
    encoding: 'utf8',
  });
  return JSON.parse(stdout).inventory;
}

async function etcdperf(command) {
  process.stdout.write(`\n${styleText('bold', `$ etcdperf ${command}`)}\n`);
  const child = spawn(node, [join(root, 'bin/run.js'), ...command.split(' ')], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: environment,
  });
  const [code] = await once(child, 'exit');
  return code ?? 1;
}
