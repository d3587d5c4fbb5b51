import { chmod, link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Credential, keyMatches, parseCertificates } from '@etcdperf/core/certs';
import { InputError } from '@etcdperf/core/errors';

/** What stands of a certificate and its key. */
export type PairState = 'absent' | 'there' | 'half';

const CERT_MODE = 0o644;
const KEY_MODE = 0o600;

/** The folder that a cluster's certificates are made in: `<name>.crt` and `<name>.key` for each. */
export class CertFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  cert(name: string): string {
    return join(this.path, `${name}.crt`);
  }

  key(name: string): string {
    return join(this.path, `${name}.key`);
  }

  /** Undefined where there is no such file. Throws InputError where it can't be read. */
  async read(file: string): Promise<Buffer | undefined> {
    return readFile(file).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return undefined;
      throw new InputError(`can't read ${file}: ${cause.code}`, { cause });
    });
  }

  async state(name: string): Promise<PairState> {
    const [cert, key] = await Promise.all([this.read(this.cert(name)), this.read(this.key(name))]);
    if (cert === undefined && key === undefined) return 'absent';
    return cert === undefined || key === undefined ? 'half' : 'there';
  }

  /** The names of all certificates here, the CA's among them. */
  async names(): Promise<string[]> {
    const files = await readdir(this.path).catch((cause: NodeJS.ErrnoException): string[] => {
      if (cause.code === 'ENOENT') return [];
      throw new InputError(`can't read ${this.path}: ${cause.code}`, { cause });
    });
    return files.flatMap((file) => (file.endsWith('.crt') ? [file.slice(0, -'.crt'.length)] : [])).sort();
  }

  /** The CA that can sign: its key is here. Undefined where it isn't. Throws InputError for a key of no CA here. */
  async signingAuthority(): Promise<Credential | undefined> {
    const [bundle, key] = await Promise.all([this.read(this.cert('ca')), this.read(this.key('ca'))]);
    if (bundle === undefined || key === undefined) return undefined;
    const found = parseCertificates(bundle)
      .map((cert) => ({ cert: Buffer.from(cert.toString()), key }))
      .find(keyMatches);
    if (found === undefined)
      throw new InputError('it is not the key of a CA in ca.crt', {
        where: this.key('ca'),
        hint: 'put the right one there',
      });
    return found;
  }

  /** Makes the folder, for its owner only. One that is there keeps its mode. */
  async make(): Promise<void> {
    await mkdir(this.path, { recursive: true, mode: 0o700 }).catch((cause: NodeJS.ErrnoException) => {
      throw new InputError(`can't make ${this.path}: ${cause.code}`, { cause });
    });
  }

  /** Writes both files, the key first. Unless `replace`, neither may be there (InputError). */
  async write(name: string, { cert, key }: Credential, replace: boolean): Promise<string[]> {
    await this.put(this.key(name), key, KEY_MODE, replace);
    await this.put(this.cert(name), cert, CERT_MODE, replace);
    return [`${name}.crt`, `${name}.key`];
  }

  async replace(name: string, { cert, key }: Partial<Credential>): Promise<void> {
    if (cert !== undefined) await this.put(this.cert(name), cert, CERT_MODE, true);
    if (key !== undefined) await this.put(this.key(name), key, KEY_MODE, true);
  }

  /** Key files that others may read. */
  async openToOthers(): Promise<{ readonly file: string; readonly mode: string }[]> {
    const keys = (await this.names()).map((name) => this.key(name));
    const states = await Promise.all(
      keys.map(async (file) => ({ file, mode: (await stat(file).catch(() => undefined))?.mode ?? 0 })),
    );
    return states
      .filter(({ mode }) => (mode & 0o077) !== 0)
      .map(({ file, mode }) => ({ file, mode: (mode & 0o777).toString(8).padStart(4, '0') }));
  }

  /** Whoever reads the file sees the old or the whole new one. */
  private async put(file: string, content: Buffer, mode: number, replace: boolean): Promise<void> {
    const made = `${file}.${process.pid}.new`;
    try {
      await writeFile(made, content, { mode });
      // The umask may have taken some of it.
      await chmod(made, mode);
      await (replace ? rename(made, file) : link(made, file));
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code === 'EEXIST') throw new InputError('it is there already', { where: file, cause });
      throw new InputError(`can't write ${file}: ${code}`, { cause });
    } finally {
      await rm(made, { force: true });
    }
  }
}
