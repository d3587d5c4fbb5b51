/** What values are made of; every one is `length` bytes long. */
export type ValueKind =
  /** Cannot be compressed; differs from value to value. */
  | { readonly kind: 'random' }
  /** Words: compresses about as JSON does; differs from value to value. */
  | { readonly kind: 'text' }
  /** Slices of a file's content, one after the other, from its start again at its end. */
  | { readonly kind: 'file'; readonly path: string }
  /** The same value again and again. */
  | { readonly kind: 'repeat' };

/** Makes values, without allocating. One for each thread. */
export interface ValueSource {
  readonly length: number;
  /** Writes the next value, whole, to `bytes[at, at + length)`. */
  write(bytes: Buffer, at: number): void;
}
