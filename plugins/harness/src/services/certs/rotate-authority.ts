import { parseCertificates, signerOf } from '@etcdperf/core/certs';
import { InputError } from '@etcdperf/core/errors';
import { type CertsPlan, newAuthority, renewAll } from './make-certs.ts';

/** One step of replacing a CA, and what has to happen before the next. */
export interface RotationStep {
  readonly written: readonly string[];
  readonly note: string;
}

/** What replacing a CA needs to know of the members. */
export interface RotationMembers {
  /** Restarts them one by one. */
  readonly restartCommand: string;
  /** The names of those that run with other CAs than those in `ca.crt`, where that can be known. */
  withOtherCas(): Promise<readonly string[]>;
}

/**
 * Takes the next step of replacing the CA; which one it is follows from the files. 1: a new CA stands beside the old one
 * in `ca.crt`, so that both are trusted. 2: new certificates of the new one. 3: the old one is dropped. After 1 and 3
 * members must be restarted, as etcd reads CAs when it starts; at no time does one meet a certificate that it doesn't
 * trust.
 */
export async function rotateAuthority(plan: CertsPlan, members: RotationMembers): Promise<RotationStep> {
  const { folder, cluster } = plan;
  const { restartCommand } = members;
  const bundle = await folder.read(folder.cert('ca'));
  const authorities = parseCertificates(bundle ?? '');
  if (bundle === undefined || authorities.length === 0)
    throw new InputError('there is no CA to replace', { where: folder.cert('ca') });
  const install = `etcdperf harness:certs ${cluster} --install`;
  const restart = `${install}, then ${restartCommand} (members read CAs when they start)`;
  const again = `etcdperf harness:certs ${cluster} --rotate-ca`;
  if (authorities.length === 1) {
    const made = await newAuthority(plan);
    // The certificate first: if this ends in between, the old key still signs.
    await folder.replace('ca', { cert: Buffer.concat([made.cert, bundle]), key: made.key });
    return {
      written: ['ca.crt', 'ca.key'],
      note: `step 1 of 3: a new CA stands beside the old one. Now ${restart}, and give ca.crt to clients elsewhere; then ${again}`,
    };
  }
  const current = await folder.signingAuthority();
  if (current === undefined)
    throw new InputError("the new CA's key is not here", {
      where: folder.key('ca'),
      hint: 'put it there until the CA is replaced',
    });
  const [newest] = parseCertificates(current.cert);
  const names = (await folder.names()).filter((name) => name !== 'ca');
  const certs = await Promise.all(names.map(async (name) => (await folder.read(folder.cert(name))) ?? ''));
  const isNew = certs.every((pem) => {
    const [leaf] = parseCertificates(pem);
    return leaf === undefined || signerOf(leaf, [newest!]) !== undefined;
  });
  if (!isNew) {
    const behind = await members.withOtherCas();
    if (behind.length > 0)
      throw new InputError(`${behind.join(', ')} would not trust the new certificates: not restarted since step 1`, {
        where: folder.cert('ca'),
        hint: restart,
      });
    return {
      written: await renewAll(plan),
      note: `step 2 of 3: all certificates are new, of the new CA. Now ${install} (no restart), and give clients elsewhere theirs; then ${again}`,
    };
  }
  await folder.replace('ca', { cert: current.cert });
  return {
    written: ['ca.crt'],
    note: `step 3 of 3: the old CA is dropped. Now ${restart}, and give ca.crt to clients elsewhere`,
  };
}
