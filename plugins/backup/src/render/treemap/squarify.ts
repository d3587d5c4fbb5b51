/** A rectangle; y grows downwards. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Divides a box into one for each value, in their proportions and as near to squares as they come (Bruls, Huizing, van
 * Wijk: Squarified Treemaps, 2000). It also runs in a browser, to which its source is given: it uses nothing from
 * outside itself.
 *
 * @param values positive, largest first
 */
export function squarify(values: readonly number[], box: Box): Box[] {
  const boxes: Box[] = [];
  let { x, y, width, height } = box;
  let left = values.reduce((sum, value) => sum + value, 0);
  for (let first = 0; first < values.length; ) {
    const side = Math.min(width, height);
    const scale = (width * height) / left;
    // The flattest of a row along the shorter side that ends with each further value: as long as it gets no flatter.
    let row = 0;
    let after = first;
    for (let flattest = Number.POSITIVE_INFINITY; after < values.length; after += 1) {
      const sum = row + values[after]!;
      const depth = (sum * scale) / side;
      const longest = (values[first]! * scale) / depth;
      const shortest = (values[after]! * scale) / depth;
      const next = Math.max(depth / shortest, longest / depth);
      if (next > flattest) break;
      flattest = next;
      row = sum;
    }
    after = Math.max(after, first + 1);
    row = Math.max(row, values[first]!);
    const depth =
      side === 0 ? 0 : after === values.length ? Math.max(width, height) : (row / left) * Math.max(width, height);
    let along = 0;
    for (let index = first; index < after; index += 1) {
      const length = (values[index]! / row) * side;
      boxes.push(
        width >= height
          ? { x, y: y + along, width: depth, height: length }
          : { x: x + along, y, width: length, height: depth },
      );
      along += length;
    }
    if (width >= height) {
      x += depth;
      width -= depth;
    } else {
      y += depth;
      height -= depth;
    }
    left -= row;
    first = after;
  }
  return boxes;
}
