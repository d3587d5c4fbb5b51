import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arbitraryPlan } from '../../../../../test/operators/arbitrary-plan.ts';
import { isOfCluster } from '../kubernetes/cluster-labels.ts';
import { coreosBackend } from './coreos-backend.ts';
import { COREOS_API, coreosProblems } from './coreos-cluster.ts';
import { etcdIoBackend } from './etcd-io-backend.ts';
import { ETCD_IO_API, etcdIoProblems } from './etcd-io-cluster.ts';
import { splitImage } from './split-image.ts';

/** Of either operator, as far as it is looked at here. */
interface AnySpec {
  readonly size: number;
  readonly version: string;
  readonly etcdOptions?: readonly string[];
  readonly pod?: { readonly labels: object; readonly etcdEnv?: readonly { name: string; value: string }[] };
  readonly podTemplate?: { readonly metadata: { readonly labels: object } };
}

const backends = [
  { name: 'coreos', backend: coreosBackend, problems: coreosProblems, api: COREOS_API },
  { name: 'etcd-io', backend: etcdIoBackend, problems: etcdIoProblems, api: ETCD_IO_API },
];

describe.each(backends)('$name: whatever cluster is described', ({ backend, problems, api }) => {
  const check = (property: (plan: Parameters<typeof problems>[0], spec: AnySpec) => void) =>
    fc.assert(
      fc.property(arbitraryPlan, (plan) => {
        property(plan, backend.clusterObjects(plan).at(-1)?.spec as AnySpec);
      }),
    );

  test('its objects are plain, ours, each once, and the EtcdCluster comes last', () => {
    check((plan) => {
      const objects = backend.clusterObjects(plan);
      expect(JSON.parse(JSON.stringify(objects))).toStrictEqual(objects);
      expect(objects.at(-1)).toMatchObject({
        apiVersion: api,
        kind: 'EtcdCluster',
        metadata: { name: plan.config.name },
      });
      for (const object of objects) {
        expect(isOfCluster(object, plan.config.name)).toBe(true);
        expect(object.metadata.namespace).toBe('lab');
      }
      const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
      expect(new Set(names).size).toBe(names.length);
      // Everything that it is made of can be found again, to be removed.
      const known = [...backend.kinds, ...backend.dataKinds].map(({ kind }) => kind);
      expect(known).toEqual(expect.arrayContaining(objects.map(({ kind }) => kind)));
      expect(problems(plan)).toEqual([]);
    });
  });

  test('every flag reaches etcd once, and the pods have our label beside the user’s', () => {
    check(({ config }, spec) => {
      expect(spec.size).toBe(config.members.length);
      const given = spec.etcdOptions ?? spec.pod?.etcdEnv?.map(({ name, value }) => `${flagOf(name)}=${value}`) ?? [];
      const expected = Object.entries(config.flags).map(([flag, value]) => `--${flag}=${value}`);
      expect(given).toEqual(expected);
      const pods = spec.pod?.labels ?? spec.podTemplate?.metadata.labels;
      expect(pods).toMatchObject({ ...config.kubernetes.labels, 'etcdperf.io/cluster': config.name });
    });
  });

  test('described again, nothing changes; other members than these are not changed while they run', () => {
    check((plan) => {
      const [before] = backend.clusterObjects(plan).slice(-1);
      const changed = (change: object) => ({ ...plan, config: { ...plan.config, ...change } });
      const consequence = (other: typeof plan) => {
        const wanted = backend.clusterObjects(other).at(-1);
        return backend.consequence(before!, wanted!, other)?.kind;
      };
      expect(consequence(plan)).toBeUndefined();
      const { members, flags, kubernetes } = plan.config;
      expect(consequence(changed({ members: [...members, { ...members[0]!, name: 'more' }] }))).toBeUndefined();
      if (members.length > 1) expect(consequence(changed({ members: members.slice(1) }))).toBe('asks');
      const kind = kubernetes.storage.kind === 'claim' ? 'impossible' : 'asks';
      expect(consequence(changed({ flags: { ...flags, 'quota-backend-bytes': 1 } }))).toBe(kind);
    });
  });
});

test('what only one operator can’t express is refused there, with a way out', () => {
  const [plan] = fc.sample(arbitraryPlan, { numRuns: 1, seed: 1 });
  const { config } = plan!;
  const refused = (change: object, kubernetes: object = {}) => {
    const other = { ...plan!, config: { ...config, ...change, kubernetes: { ...config.kubernetes, ...kubernetes } } };
    return [coreosProblems(other), etcdIoProblems(other)].map((all) => all.map(({ message }) => message).join());
  };
  const claim = { kind: 'claim', size: '1Gi', accessMode: 'ReadWriteMany' };
  const digest = 'etcd@sha256:00';
  const eight = Array.from({ length: 8 }, () => config.members[0]!);
  const none = expect.stringMatching(/^$/);
  expect(refused({ members: eight })).toEqual([expect.stringContaining('7 members at most'), none]);
  expect(refused({}, { image: 'etcd:v3.6.16-debug' })).toEqual([expect.stringContaining('tag'), none]);
  expect(refused({}, { image: digest })).toEqual([expect.stringContaining('tag'), expect.stringContaining('digest')]);
  expect(refused({}, { resources: {} })).toEqual([none, expect.stringContaining('resources')]);
  expect(refused({}, { storage: claim })).toEqual([none, expect.stringContaining('ReadWriteMany')]);
  expect(refused({}, { labels: { app: 'x' } })).toEqual([
    expect.stringContaining('app'),
    expect.stringContaining('app'),
  ]);
  expect(refused({}, { labels: { etcd_x: 'x' } })).toEqual([expect.stringContaining('etcd_x'), none]);
  expect(refused({ members: [{ name: 'a', clientPort: 4001, peerPort: 2380 }] })).toEqual([
    expect.stringContaining('2379'),
    expect.stringContaining('2379'),
  ]);
  // Also where nobody is asked, as in a dry run.
  const always = { ...plan!, config: { ...config, kubernetes: { ...config.kubernetes, priorityClass: 'high' } } };
  for (const { backend } of backends)
    expect(() => backend.clusterObjects(always)).toThrow(
      expect.objectContaining({ exitCode: 2, problems: [expect.objectContaining({ hint: expect.any(String) })] }),
    );
  const both = expect.stringContaining('no setting for');
  for (const kubernetes of [
    { imagePullPolicy: 'Always' },
    { imagePullSecrets: ['mine'] },
    { priorityClass: 'high' },
    { storage: { kind: 'hostPath', path: '/x', size: '1Gi' } },
    { storage: { kind: 'emptyDir', medium: 'Memory' } },
  ])
    expect(refused({}, kubernetes)).toEqual([both, both]);
});

test('images: a tag, a digest and a registry’s port are told apart', () => {
  const part = fc.stringMatching(/^[a-z0-9]{1,8}$/);
  fc.assert(
    fc.property(
      fc.tuple(fc.option(fc.nat(65_535)), part, part, fc.option(part), fc.option(part)),
      ([port, host, path, tag, hash]) => {
        const repository = `${host}${port === null ? '' : `:${port}`}/${path}`;
        const digest = hash === null ? undefined : `sha256:${hash}`;
        const image = `${repository}${tag === null ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
        expect(splitImage(image)).toEqual({
          repository,
          ...(tag !== null && { tag }),
          ...(digest !== undefined && { digest }),
        });
      },
    ),
  );
});

test('the official operator’s version carries a v, or is the image’s own tag', () => {
  const [plan] = fc.sample(arbitraryPlan, { numRuns: 1, seed: 2 });
  const version = (image: string | undefined, backend = etcdIoBackend) => {
    const { image: _image, ...kubernetes } = plan!.config.kubernetes;
    const config = { ...plan!.config, version: '3.6.16', kubernetes: { ...kubernetes, ...(image && { image }) } };
    return (backend.clusterObjects({ ...plan!, config }).at(-1)!.spec as AnySpec).version;
  };
  expect(version(undefined)).toBe('v3.6.16');
  expect(version('r:5000/etcd')).toBe('v3.6.16');
  expect(version('r:5000/etcd:nightly')).toBe('nightly');
  expect(version(undefined, coreosBackend)).toBe('3.6.16');
});

function flagOf(variable: string): string {
  return `--${variable
    .replace(/^ETCD_/, '')
    .toLowerCase()
    .replaceAll('_', '-')}`;
}
