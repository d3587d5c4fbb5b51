/** One level of a pattern's hierarchy. */
export interface PatternLevel {
  /** As `printPattern` writes it, without the slash. */
  readonly text: string;
  /** `generated`: each node has one name, made from its number; `rule` is a set of names, or the address. */
  readonly kind: 'literal' | 'counter' | 'rule' | 'generated';
  /** How many children each node of the level above has here: 1 for a literal. */
  readonly count: number;
  /** The most bytes a name of this level has, without the slash. */
  readonly maxBytes: number;
}

/**
 * Makes the values of a pattern: the same for the same key and write, so that they can be checked. Another write of the
 * key has another value, as far as chance and the pattern have it: of ten digits and more practically always.
 */
export interface PatternValues {
  readonly minBytes: number;
  readonly maxBytes: number;
  /** How many bytes the value of that write has: asked before `write()`. */
  bytesOf(key: number, write: number): number;
  /**
   * Writes a value.
   *
   * @param key number of its key
   * @param write which write of the run it is, counted from 0
   * @returns where it ends
   */
  write(bytes: Buffer, at: number, key: number, write: number): number;
}

/**
 * All keys of a pattern, numbered 0 to `size - 1` in the order of its levels: the children of a node follow each other,
 * so that the keys below node `n` of a level are `n * keysBelow(level)` and those after it. Nothing is kept per key:
 * every name is computed from its number, of any size of space. Numbers are exact up to 2^53.
 */
export interface PatternSpace {
  /** The whole pattern, as `printPattern` writes it. */
  readonly text: string;
  readonly levels: readonly PatternLevel[];
  /** Keys: the product of all levels' counts. */
  readonly size: number;
  readonly maxKeyBytes: number;
  readonly values: PatternValues;
  /** Nodes of a level: the product of the counts down to it. Throws InputError for a level that isn't there. */
  nodesAt(level: number): number;
  /** Keys below each node of a level; 1 for the last. */
  keysBelow(level: number): number;
  /** How many bytes a key has. */
  keyBytesOf(key: number): number;
  /** Writes a key; returns where it ends. */
  writeKey(bytes: Buffer, at: number, key: number): number;
  /** Writes the path down to a node, its own key where the level is the last; without a slash at its end. */
  writeNode(bytes: Buffer, at: number, level: number, node: number): number;
  /** The number of a key of this space; -1 if it is none. For those who read what others wrote. */
  keyAt(bytes: Buffer, start: number, end: number): number;
}
