/** Where one text replaces the one before. */
export interface Screen {
  show(text: string): void;
}

const HOME = '\u001b[H';
const CLEAR_TO_LINE_END = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

/** On a terminal the text is drawn over the last one; elsewhere each is a block of its own, with a blank line after it. */
export function openScreen(stream: NodeJS.WriteStream): Screen {
  if (stream.isTTY !== true) return { show: (text) => void stream.write(`${text}\n\n`) };
  let isFirst = true;
  return {
    show(text) {
      // What stood on the screen before is scrolled away, not overwritten.
      if (isFirst) stream.write('\n'.repeat(stream.rows ?? 0));
      isFirst = false;
      const lines = text.split('\n').slice(0, Math.max(1, (stream.rows ?? 50) - 1));
      stream.write(`${HOME}${lines.map((line) => `${line}${CLEAR_TO_LINE_END}\n`).join('')}${CLEAR_BELOW}`);
    },
  };
}
