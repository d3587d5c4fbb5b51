/** Bytes of a value that the stamp takes: its first ones. */
export const stampBytes = 16;

/**
 * What a value tells of its put, so that whoever sees the event needs no table: when it was to start, which one it was,
 * and which run it belongs to.
 *
 * @param startedAt intended start, by performance.now() of this process
 * @param sequence its low 32 bits are kept
 * @param run 32 bits that other runs' values are told apart by
 */
export function writeStamp(bytes: Buffer, at: number, startedAt: number, sequence: number, run: number): void {
  bytes.writeDoubleLE(startedAt, at);
  bytes.writeUInt32LE(sequence >>> 0, at + 8);
  bytes.writeUInt32LE(run, at + 12);
}

/** Whether a value begins with a stamp of this run. */
export function isStamped(bytes: Buffer, start: number, end: number, run: number): boolean {
  return end - start >= stampBytes && bytes.readUInt32LE(start + 12) === run;
}

/** The intended start, of a value that is stamped. */
export function stampedStart(bytes: Buffer, start: number): number {
  return bytes.readDoubleLE(start);
}

/** The low 32 bits of the sequence number, of a value that is stamped. */
export function stampedSequence(bytes: Buffer, start: number): number {
  return bytes.readUInt32LE(start + 8);
}
