/** How the keys of requests are spread over a key space. */
export type KeyDistribution =
  /** One after the other, each thread taking every n-th; begins again at the end. */
  | { readonly kind: 'sequential' }
  | { readonly kind: 'uniform' }
  /** Few keys get most requests, by rank; `exponent` > 0, 0.99 is YCSB's. Ranks are scattered over the key space. */
  | { readonly kind: 'zipfian'; readonly exponent: number }
  /** `opsPercent` of the requests go to `keysPercent` of the keys. */
  | { readonly kind: 'hotset'; readonly keysPercent: number; readonly opsPercent: number };

/** Keys `prefix` + decimal number, padded with zeros to `digits`. */
export interface KeySpace {
  readonly prefix: string;
  readonly digits: number;
  /** How many keys there are. */
  readonly size: number;
}

/** Chooses keys, without allocating. One for each thread. */
export interface KeySource {
  readonly space: KeySpace;
  /** Bytes of every key. */
  readonly length: number;
  /** The number of the next key, 0 to `space.size - 1`. */
  next(): number;
  /** Writes the key of that number, whole, to `bytes[at, at + length)`. */
  write(bytes: Buffer, at: number, number: number): void;
}
