const maxLength = 255;

/** What the master key's value says, fit to be recorded and shown: it may be anything, somebody else can write it. */
export function masterName(value: Uint8Array): string {
  const text = Buffer.from(value.subarray(0, maxLength)).toString('utf8');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must not reach a terminal.
  return text.replace(/[\u0000-\u001f\u007f-\u009f\ufffd]/g, '?');
}
