import type { KeyPage } from '../contents/key-page.ts';

/** What a key must be like; read from text by `parseFilter`. */
export interface Filter {
  /** As the user wrote it. */
  readonly text: string;
  /** It looks at values: they must be read. */
  readonly needsValues: boolean;
  matches(page: KeyPage, row: number): boolean;
}

/** Marks in `selected`, by row, the keys that all filters let through: 1, else 0. Returns how many those are. */
export function selectRows(filters: readonly Filter[], page: KeyPage, selected: Uint8Array): number {
  let count = 0;
  for (let row = 0; row < page.length; row++) {
    let isSelected = 1;
    for (const filter of filters) {
      if (filter.matches(page, row)) continue;
      isSelected = 0;
      break;
    }
    selected[row] = isSelected;
    count += isSelected;
  }
  return count;
}
