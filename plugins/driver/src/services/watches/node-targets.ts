import type { WatchTargets } from '@etcdperf/core/watches';
import type { WatchTarget } from '@etcdperf/core/wire';
import type { PatternSpace } from '@etcdperf/core/workload';
import type { WatchedNodes } from './watched-nodes.ts';

const SLASH = 0x2f;

/** What etcd is asked to watch for each watched node: made when a stream asks for it, none is kept. */
export class NodeTargets implements WatchTargets {
  readonly length: number;
  readonly #space: PatternSpace;
  readonly #nodes: WatchedNodes;

  constructor(space: PatternSpace, nodes: WatchedNodes) {
    this.length = nodes.watchers;
    this.#space = space;
    this.#nodes = nodes;
  }

  at(watcher: number): WatchTarget {
    const space = this.#space;
    const level = this.#nodes.levelOf(watcher);
    const bytes = Buffer.allocUnsafe(space.maxKeyBytes + 1);
    let end = space.writeNode(bytes, 0, level, this.#nodes.nodeOf(watcher));
    // Below `a/1` is not what begins with `a/10`; and below a key is nothing but the key.
    const isBranch = this.#nodes.prefix && level < space.levels.length - 1;
    if (isBranch) end = bytes.writeUInt8(SLASH, end);
    return { key: bytes.subarray(0, end), prefix: isBranch, progressNotify: true };
  }
}
