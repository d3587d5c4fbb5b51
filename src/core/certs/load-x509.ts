export type X509 = typeof import('@peculiar/x509');

/** The library that makes certificates: 140 ms to load, so on demand only. It wants `Reflect`'s metadata before it. */
export async function loadX509(): Promise<X509> {
  await import('reflect-metadata');
  return import('@peculiar/x509');
}
