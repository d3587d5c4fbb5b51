import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { openKube } from './index.ts';
import { chooseContext } from './kubeconfig.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etcdperf-kubeconfig-'));
  vi.stubEnv('HOME', folder);
  vi.stubEnv('KUBECONFIG', undefined);
  vi.stubEnv('KUBERNETES_SERVICE_HOST', undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

interface Named {
  readonly contexts: Readonly<Record<string, { cluster: string; user?: string; namespace?: string }>>;
  readonly clusters?: Readonly<Record<string, object>>;
  readonly users?: Readonly<Record<string, object>>;
  readonly current?: string;
}

async function kubeconfig(name: string, { contexts, clusters = {}, users = {}, current }: Named): Promise<string> {
  const list = (key: string, entries: Readonly<Record<string, object>>) =>
    Object.entries(entries).map(([entry, value]) => ({ name: entry, [key]: value }));
  const file = join(folder, name);
  const content = {
    ...{ apiVersion: 'v1', kind: 'Config' },
    ...(current === undefined ? {} : { 'current-context': current }),
    contexts: list('context', contexts),
    clusters: list('cluster', clusters),
    users: list('user', users),
  };
  await writeFile(file, stringify(content));
  return file;
}

const LAB = { server: 'https://lab.example.com:6443' };
const PRODUCTION = { server: 'https://production.example.com:6443' };

test('the context that is current, or the one that is named', async () => {
  const kubeconfigFile = await kubeconfig('config', {
    contexts: {
      lab: { cluster: 'lab', user: 'me' },
      tugboat: { cluster: 'production', user: 'me', namespace: 'armada' },
    },
    clusters: { lab: LAB, production: PRODUCTION },
    users: { me: { token: 'secret' } },
    current: 'lab',
  });
  await using kube = await openKube({ kubeconfigFile });
  expect(kube).toMatchObject({ context: 'lab', namespace: 'default', server: LAB.server });
  await using other = await openKube({ kubeconfigFile, context: 'tugboat' });
  expect(other).toMatchObject({ context: 'tugboat', namespace: 'armada', server: PRODUCTION.server });
  await using elsewhere = await openKube({ kubeconfigFile, context: 'tugboat', namespace: 'mine' });
  expect(elsewhere.namespace).toBe('mine');

  const wrong = { where: kubeconfigFile, exitCode: 2 };
  await expect(openKube({ kubeconfigFile, context: 'tugbaot' })).rejects.toMatchObject({
    ...wrong,
    message: "the kubeconfig has no context 'tugbaot'",
    hint: "did you mean 'tugboat'?",
  });
  await expect(openKube({ kubeconfigFile, context: 'x' })).rejects.toMatchObject({ hint: 'it has lab, tugboat' });
});

test.each([
  ['no current context', { contexts: { a: { cluster: 'a' } }, clusters: { a: LAB } }, /no current context/, /: a$/],
  ['no contexts at all', { contexts: {} }, /no current context/, /KUBECONFIG/],
  [
    'a cluster that is missing',
    { contexts: { a: { cluster: 'b' } }, current: 'a' },
    /cluster 'b', which isn't in it/,
    /./,
  ],
  [
    'a user who is missing',
    { contexts: { a: { cluster: 'a', user: 'u' } }, clusters: { a: LAB }, current: 'a' },
    /user 'u', who isn't in it/,
    /./,
  ],
])('a kubeconfig with %s', async (_name, content, message, hint) => {
  const kubeconfigFile = await kubeconfig('config', content);
  const error = await openKube({ kubeconfigFile }).catch((refused) => refused);
  expect(error).toMatchObject({ exitCode: 2, where: kubeconfigFile, message: expect.stringMatching(message) });
  expect(error.hint ?? 'none').toMatch(hint);
});

test('no kubeconfig, none where it is said to be, one that is not one', async () => {
  await expect(openKube()).rejects.toMatchObject({
    message: 'there is no kubeconfig',
    where: join(folder, '.kube/config'),
    hint: expect.stringContaining('KUBECONFIG'),
    exitCode: 2,
  });
  const absent = join(folder, 'absent');
  await expect(openKube({ kubeconfigFile: absent })).rejects.toMatchObject({
    message: "the kubeconfig can't be read: there is no such file",
    where: absent,
  });
  vi.stubEnv('KUBECONFIG', absent);
  await expect(openKube()).rejects.toMatchObject({ message: 'KUBECONFIG names no file that is there', where: absent });
  for (const text of ['{ token: hush-hush', 'token: hush-hush\n bad: :\n- x', '42', 'clusters: [{}]', '']) {
    const kubeconfigFile = join(folder, 'odd');
    await writeFile(kubeconfigFile, text);
    const error = await openKube({ kubeconfigFile }).catch((refused) => refused);
    expect(error, text).toMatchObject({ exitCode: 2, where: kubeconfigFile });
    expect(String(error.stack) + error.cause).not.toContain('hush-hush');
  }
});

test('several files are merged: what the first says of a name stands, and files that are absent are passed over', async () => {
  const first = await kubeconfig('first', { contexts: { lab: { cluster: 'shared' } }, clusters: { shared: LAB } });
  const second = await kubeconfig('second', {
    contexts: { lab: { cluster: 'other' }, more: { cluster: 'other' } },
    clusters: { shared: PRODUCTION, other: PRODUCTION },
    current: 'lab',
  });
  vi.stubEnv('KUBECONFIG', [join(folder, 'absent'), first, second].join(':'));
  expect(chooseContext({})).toMatchObject({ context: 'lab', server: LAB.server });
  expect(chooseContext({ context: 'more' })).toMatchObject({ server: PRODUCTION.server });
});

test('~/.kube/config, with paths that begin at its own folder', async () => {
  await mkdir(join(folder, '.kube'));
  await kubeconfig('.kube/config', {
    contexts: { a: { cluster: 'a', user: 'u' } },
    clusters: { a: { ...LAB, 'certificate-authority': 'ca.crt' } },
    users: { u: { 'client-certificate': 'u.crt', 'client-key': '/keys/u.key', tokenFile: 'token' } },
    current: 'a',
  });
  const { config } = chooseContext({});
  expect(config.getCurrentCluster()?.caFile).toBe(join(folder, '.kube/ca.crt'));
  expect(config.getCurrentUser()).toMatchObject({
    certFile: join(folder, '.kube/u.crt'),
    keyFile: '/keys/u.key',
    authProvider: { config: { tokenFile: join(folder, '.kube/token') } },
  });
});
