import { RangePage } from './range-page.ts';

/** Pages whose memory is used again. */
export class PagePool {
  readonly #free: RangePage[] = [];

  take(): RangePage {
    return this.#free.pop() ?? new RangePage();
  }

  give(...pages: readonly RangePage[]): void {
    this.#free.push(...pages);
  }
}
