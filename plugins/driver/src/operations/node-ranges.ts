import { bytesFieldSize, RequestTemplate, type RpcMethod, writeBytesFieldHead } from '@etcdperf/core/wire';
import type { PatternSpace } from '@etcdperf/core/workload';

const SLASH = 0x2f;
/** What comes right after a slash: `a/` up to `a0` is all that is below `a`. */
const AFTER_SLASH = 0x30;
const KEY = 1;
const RANGE_END = 2;

/**
 * Requests for ranges (reads, deletions): all keys below a node of a pattern, or the key of a node itself. What else such
 * a request says is the same for all.
 */
export class NodeRanges {
  readonly template: RequestTemplate;
  readonly #space: PatternSpace;
  /** The node's path, and one byte more. */
  readonly #path: Buffer;
  readonly #suffix: Buffer;
  #pathBytes = 0;
  #isSubtree = false;

  /** @param suffix the request's other fields, encoded; they come after the keys */
  constructor(method: RpcMethod, space: PatternSpace, suffix: Buffer) {
    this.template = RequestTemplate.varying(method);
    this.#space = space;
    this.#path = Buffer.alloc(space.maxKeyBytes + 1);
    this.#suffix = suffix;
  }

  /** The next request is for this node: for all keys below it, or for its own. Below a key is nothing but the key. */
  choose(level: number, node: number, isBranch: boolean): void {
    const space = this.#space;
    const end = space.writeNode(this.#path, 0, level, node);
    this.#isSubtree = isBranch && level < space.levels.length - 1;
    if (this.#isSubtree) this.#path[end] = SLASH;
    this.#pathBytes = this.#isSubtree ? end + 1 : end;
    const keys = bytesFieldSize(this.#pathBytes) * (this.#isSubtree ? 2 : 1);
    this.template.messageBytes = keys + this.#suffix.length;
  }

  /** Writes the request for the node that was chosen last. */
  fill(bytes: Buffer, at: number): void {
    let end = this.#writePath(bytes, at, KEY);
    if (this.#isSubtree) {
      end = this.#writePath(bytes, end, RANGE_END);
      bytes[end - 1] = AFTER_SLASH;
    }
    this.#suffix.copy(bytes, end);
  }

  #writePath(bytes: Buffer, at: number, field: number): number {
    const start = writeBytesFieldHead(bytes, at, field, this.#pathBytes);
    this.#path.copy(bytes, start, 0, this.#pathBytes);
    return start + this.#pathBytes;
  }
}
