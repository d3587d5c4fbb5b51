import type { PatternSpace } from '@etcdperf/core/workload';

/** `/prefix/a-1/b-2`: a space of counted levels below a prefix, `counts` of them, with values of eight digits. */
export function countedSpace(prefix: string, counts: readonly number[]): PatternSpace {
  const all = [1, ...counts];
  const names = counts.map((_, level) => String.fromCharCode('a'.charCodeAt(0) + level));
  const nodesAt = (level: number) => all.slice(0, level + 1).reduce((product, count) => product * count, 1);
  const last = all.length - 1;
  const path = (level: number, node: number) => {
    const parts: string[] = [];
    for (let at = level, rest = node; at > 0; rest = Math.floor(rest / all[at]!), at -= 1)
      parts.unshift(`/${names[at - 1]}-${rest % all[at]!}`);
    return `/${prefix}${parts.join('')}`;
  };
  const numbers = new Map<string, number>();
  const size = nodesAt(last);
  for (let key = 0; key < size; key += 1) numbers.set(path(last, key), key);
  return {
    text: prefix,
    levels: all.map((count, level) => ({ text: names[level - 1] ?? prefix, count, maxBytes: 20 })),
    size,
    maxKeyBytes: Math.max(...[...numbers.keys()].map(({ length }) => length)),
    values: {
      minBytes: 8,
      maxBytes: 8,
      bytesOf: () => 8,
      write: (bytes, at, _key, write) => at + bytes.write(String(write).padStart(8, '0'), at),
    },
    nodesAt,
    keysBelow: (level) => size / nodesAt(level),
    keyBytesOf: (key) => path(last, key).length,
    writeKey: (bytes, at, key) => at + bytes.write(path(last, key), at),
    writeNode: (bytes, at, level, node) => at + bytes.write(path(level, node), at),
    keyAt: (bytes, start, end) => numbers.get(bytes.toString('utf8', start, end)) ?? -1,
  };
}
