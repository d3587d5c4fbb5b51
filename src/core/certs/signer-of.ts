import type { X509Certificate } from 'node:crypto';

/**
 * The one of the authorities that signed a certificate, itself or through others in between; undefined where none did.
 */
export function signerOf(
  cert: X509Certificate,
  authorities: readonly X509Certificate[],
  between: readonly X509Certificate[] = [],
): X509Certificate | undefined {
  const direct = authorities.find((authority) => signed(authority, cert));
  if (direct !== undefined) return direct;
  for (const one of between) {
    if (!signed(one, cert)) continue;
    const rest = between.filter((other) => other !== one);
    const signer = signerOf(one, authorities, rest);
    if (signer !== undefined) return signer;
  }
  return undefined;
}

/** By the signature alone: authorities that succeed each other may share a name. */
function signed(authority: X509Certificate, cert: X509Certificate): boolean {
  try {
    return authority.ca && cert.verify(authority.publicKey);
  } catch {
    return false;
  }
}
