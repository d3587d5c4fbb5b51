/** Where long work tells how far it is. Never stdout, so that pipes stay clean. */
export interface Progress {
  /** What is being done now; replaces the step before it on a terminal. */
  step(text: string): void;
  /** A line that stays. */
  info(text: string): void;
  /** Takes the current step off the screen. May be called often. */
  done(): void;
}

const CLEAR_LINE = '\r\u001b[2K';

/** On a terminal one line that is redrawn; elsewhere (CI, files) each new step once, as a plain line. */
export function openProgress(stream: NodeJS.WriteStream): Progress {
  let current = '';
  if (stream.isTTY !== true) {
    return {
      step(text) {
        if (text === current) return;
        current = text;
        stream.write(`${text}\n`);
      },
      info: (text) => void stream.write(`${text}\n`),
      done: () => undefined,
    };
  }
  return {
    step(text) {
      current = text.slice(0, Math.max(20, stream.columns - 1));
      stream.write(`${CLEAR_LINE}${current}`);
    },
    info(text) {
      stream.write(`${CLEAR_LINE}${text}\n${current}`);
    },
    done() {
      if (current !== '') stream.write(CLEAR_LINE);
      current = '';
    },
  };
}

/** For callers that do not care. */
export const silentProgress: Progress = { step: () => undefined, info: () => undefined, done: () => undefined };
