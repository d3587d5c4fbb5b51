import { createPrivateKey, X509Certificate } from 'node:crypto';
import { OperationError } from '../errors/index.ts';
import type { Credential } from './credential.ts';

/** Whether the key is the certificate's (of the first one, where there are several). False for what is no key at all. */
export function keyMatches({ cert, key }: Credential): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

/** Throws OperationError. `what` is whose they are. */
export function requireMatch(credential: Credential, what: string): void {
  if (!keyMatches(credential)) throw new OperationError(`${what}: its key is not its certificate's`);
}
