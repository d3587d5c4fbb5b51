import { createHash } from 'node:crypto';
import { access, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runToolChecked } from '../run-tool.ts';
import { etcdperfImage } from './etcdperf-image.ts';

/** An image of one layer: what is in it, and how it starts. */
export interface ImagePlan {
  /** `docker.io/lab/etcd:v3.6.16`. */
  readonly name: string;
  /** Path in the image → file or folder of this machine; of folders, all but `node_modules`. */
  readonly files: Readonly<Record<string, string>>;
  /** Path in the image → text of a program. */
  readonly scripts?: Readonly<Record<string, string>>;
  readonly command: readonly string[];
}

export interface ImageSources {
  /** A static busybox. */
  readonly busybox: string;
  readonly etcdctl: string;
  /** Version → etcd's server program. */
  readonly etcd: Readonly<Record<string, string>>;
  /** etcdperf's own package, where there is to be an image with it. */
  readonly etcdperf?: string | undefined;
}

/** Changed with what an image is made of, so that older ones are not taken for it. */
const FORMAT = 1;
const KEPT_MS = 3_600_000;

export async function labImages(sources: ImageSources): Promise<ImagePlan[]> {
  const busybox = { 'bin/busybox': sources.busybox };
  return [
    { name: 'docker.io/lab/pause:1', files: busybox, command: ['/bin/busybox', 'sleep', 'infinity'] },
    ...Object.entries(sources.etcd).map(([version, etcd]) => ({
      name: `docker.io/lab/etcd:v${version}`,
      files: { ...busybox, 'usr/local/bin/etcd': etcd, 'usr/local/bin/etcdctl': sources.etcdctl },
      command: ['/usr/local/bin/etcd'],
    })),
    ...(sources.etcdperf === undefined ? [] : [await etcdperfImage(sources.etcdperf, sources)]),
  ];
}

/** Sees to it that the image's docker-archive is in the folder, made once from the same files: its file name. */
export async function provideImage(folder: string, image: ImagePlan): Promise<string> {
  const archive = `${await fingerprint(image)}.tar`;
  const path = join(folder, archive);
  const there = await access(path).then(
    () => true,
    () => false,
  );
  if (there) return archive;
  await mkdir(folder, { recursive: true });
  const work = await mkdtemp(join(folder, '.making-'));
  try {
    await makeRoot(join(work, 'root'), image);
    const own = ['--sort=name', '--numeric-owner', '--owner=0', '--group=0', '--mtime=@0'];
    await runToolChecked(['tar', ...own, '-C', join(work, 'root'), '-cf', join(work, 'layer.tar'), '.']);
    const digest = createHash('sha256')
      .update(await readFile(join(work, 'layer.tar')))
      .digest('hex');
    await writeFile(join(work, 'config.json'), JSON.stringify(imageConfig(image, digest)));
    const manifest = [{ Config: 'config.json', RepoTags: [image.name], Layers: ['layer.tar'] }];
    await writeFile(join(work, 'manifest.json'), JSON.stringify(manifest));
    await runToolChecked(['tar', '-C', work, '-cf', join(work, archive), 'manifest.json', 'config.json', 'layer.tar']);
    // Renamed into place: whoever looks at the same time sees no archive or a whole one.
    await rename(join(work, archive), path);
    await removeOlder(folder, archive);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return archive;
}

/** What was made of other files before, once no lab can still be about to read it. */
async function removeOlder(folder: string, archive: string): Promise<void> {
  const label = archive.replace(/-[^-]*$/, '-');
  for (const name of await readdir(folder)) {
    if (!name.startsWith(label) || name === archive) continue;
    const { mtimeMs } = await stat(join(folder, name));
    if (Date.now() - mtimeMs > KEPT_MS) await rm(join(folder, name), { force: true });
  }
}

async function makeRoot(root: string, image: ImagePlan): Promise<void> {
  for (const folder of ['bin', 'dev', 'etc', 'proc', 'root', 'sys', 'tmp', 'usr/local/bin', 'var/lib', 'var/run']) {
    await mkdir(join(root, folder), { recursive: true });
  }
  await runToolChecked(['chmod', '1777', join(root, 'tmp')]);
  for (const [path, source] of Object.entries(image.files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    const filter = (from: string) => !from.slice(source.length).includes('/node_modules');
    await cp(source, join(root, path), { dereference: true, recursive: true, filter });
  }
  for (const [path, text] of Object.entries(image.scripts ?? {}))
    await writeFile(join(root, path), text, { mode: 0o755 });
  const busybox = image.files['bin/busybox'];
  if (busybox !== undefined) {
    const applets = (await runToolChecked([busybox, '--list'])).stdout.split('\n').filter((name) => name !== '');
    for (const name of applets) if (name !== 'busybox') await symlink('busybox', join(root, 'bin', name));
  }
  await writeFile(
    join(root, 'etc/passwd'),
    'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n',
  );
  await writeFile(join(root, 'etc/group'), 'root:x:0:\nnobody:x:65534:\n');
  await writeFile(join(root, 'etc/nsswitch.conf'), 'hosts: files dns\n');
}

function imageConfig(image: ImagePlan, digest: string) {
  const created = '1970-01-01T00:00:00Z';
  return {
    created,
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    config: { Env: ['PATH=/usr/local/bin:/usr/bin:/bin'], Cmd: image.command, WorkingDir: '/' },
    rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
    history: [{ created, created_by: 'etcdperf' }],
  };
}

/** Of what it is made, by name, size and time of its files and folders. */
async function fingerprint(image: ImagePlan): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([FORMAT, image.name, image.command, image.scripts]));
  for (const [path, source] of Object.entries(image.files)) {
    const { size, mtimeMs } = await stat(source);
    hash.update(`\n${path} ${size} ${mtimeMs}`);
  }
  const label = image.name.replace(/^.*\//, '').replace(/[^a-z0-9.]+/g, '-');
  return `${label}-${hash.digest('hex').slice(0, 12)}`;
}
