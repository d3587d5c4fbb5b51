/** Keys that are put in one request, ready to be sent. */
export interface PutBatch {
  /** With it and the batches before it, all that was to be put of the dump's first so many keys is. */
  readonly end: number;
  readonly keys: number;
  /** Of keys and values. */
  readonly bytes: number;
  /** A key alone is put without a transaction, which would make a request of the largest size too large. */
  readonly kind: 'txn' | 'put';
  /** The request's protobuf message. */
  readonly message: Buffer;
}
