import { isUtf8 } from 'node:buffer';

/** A key in a report: one that isn't UTF-8 is in `keyBase64`. */
export type KeyJson = { readonly key: string } | { readonly keyBase64: string };

export function keyJson(key: Buffer): KeyJson {
  return isUtf8(key) ? { key: key.toString() } : { keyBase64: key.toString('base64') };
}
