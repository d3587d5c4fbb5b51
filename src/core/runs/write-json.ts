import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs';

/** Replaces a file by an object's JSON so that a reader, and a crash, sees the old one or the new one whole. */
export function writeJsonAtomically(path: string, value: object): void {
  const temporary = `${path}.${process.pid}.tmp`;
  const descriptor = openSync(temporary, 'w');
  try {
    writeFileSync(descriptor, `${readableJson(value)}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, path);
}

/** Indented, with numbers of one array side by side: a histogram's would fill a thousand lines. */
function readableJson(value: object): string {
  // Inside strings there are no line breaks, so that only arrays can match.
  return JSON.stringify(value, null, 2).replaceAll(
    /\[\n\s+(-?\d[\d.e+-]*(?:,\n\s+-?\d[\d.e+-]*)*)\n\s+\]/g,
    (_, numbers: string) => `[${numbers.replaceAll(/\s+/g, ' ')}]`,
  );
}
