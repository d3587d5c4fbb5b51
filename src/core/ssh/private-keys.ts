import { readFile } from 'node:fs/promises';
import ssh2, { type ParsedKey } from 'ssh2';

/** What a private key file turned out to be. */
export type PrivateKey =
  | { readonly kind: 'usable'; readonly key: ParsedKey }
  /** Encrypted, and its passphrase is not at hand. `publicKey` is the SSH blob where the file tells it. */
  | { readonly kind: 'locked'; readonly publicKey: Buffer | undefined }
  | { readonly kind: 'unusable'; readonly why: string; readonly cause: unknown };

/** Reads a private key in any format that OpenSSH writes. Never throws: what is wrong is in the result. */
export async function readPrivateKey(path: string, passphrase: string | undefined): Promise<PrivateKey> {
  let text: Buffer;
  try {
    text = await readFile(path);
  } catch (cause) {
    return { kind: 'unusable', why: (cause as Error).message, cause };
  }
  let parsed = ssh2.utils.parseKey(text);
  if (parsed instanceof Error && /encrypted|passphrase/i.test(parsed.message)) {
    if (passphrase === undefined) return { kind: 'locked', publicKey: await publicKeyOf(path, text) };
    parsed = ssh2.utils.parseKey(text, passphrase);
    if (parsed instanceof Error) return { kind: 'unusable', why: 'the passphrase does not open it', cause: parsed };
  }
  if (parsed instanceof Error) return { kind: 'unusable', why: parsed.message, cause: parsed };
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key === undefined || !key.isPrivateKey())
    return { kind: 'unusable', why: 'it holds no private key', cause: undefined };
  return { kind: 'usable', key };
}

/** The public half of a locked key: OpenSSH's own format holds it in clear (PROTOCOL.key), others have it in `.pub`. */
async function publicKeyOf(path: string, text: Buffer): Promise<Buffer | undefined> {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]+)-----END/.exec(text.toString('latin1'))?.[1];
  if (body === undefined) {
    const pub = await readFile(`${path}.pub`, 'utf8').catch(() => '');
    const [, blob] = pub.trim().split(/\s+/);
    return blob === undefined ? undefined : Buffer.from(blob, 'base64');
  }
  const data = Buffer.from(body, 'base64');
  let at = 'openssh-key-v1\0'.length;
  const string = () => {
    const end = at + 4 + data.readUInt32BE(at);
    const value = data.subarray(at + 4, end);
    at = end;
    return value;
  };
  try {
    for (const _ of ['cipher', 'kdf', 'kdf options']) string();
    at += 4;
    return string();
  } catch {
    return undefined;
  }
}
