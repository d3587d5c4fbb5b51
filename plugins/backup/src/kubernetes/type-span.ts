/** Where in some bytes the type of a Kubernetes object is written: found again and again, without an object for each. */
export class TypeSpan {
  apiVersionStart = 0;
  apiVersionEnd = 0;
  kindStart = 0;
  kindEnd = 0;

  /** Looks at the value `bytes[start, end)`. False: it is no Kubernetes object, and the fields say nothing. */
  find(bytes: Uint8Array, start: number, end: number): boolean {
    this.apiVersionStart = this.apiVersionEnd = this.kindStart = this.kindEnd = 0;
    if (end - start < 4) return false;
    if (bytes[start] === LETTER_K) this.#findInEnvelope(bytes, start, end);
    else this.#findInJson(bytes, start, end);
    return isName(bytes, this.apiVersionStart, this.apiVersionEnd) && isName(bytes, this.kindStart, this.kindEnd);
  }

  /**
   * Protobuf as the API server stores it: `k8s\0`, then a runtime.Unknown whose first field is the TypeMeta.
   * https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding
   */
  #findInEnvelope(bytes: Uint8Array, start: number, end: number): void {
    if (bytes[start + 1] !== 0x38 || bytes[start + 2] !== 0x73 || bytes[start + 3] !== 0) return;
    let at = start + 4;
    if (bytes[at] !== FIELD_1) return;
    const size = bytes[at + 1]!;
    at += 2;
    const metaEnd = at + size;
    // A name of more than 127 bytes there is not: lengths are single bytes.
    if (size > 0x7f || metaEnd > end) return;
    while (at + 2 <= metaEnd) {
      const tag = bytes[at]!;
      const from = at + 2;
      const to = from + bytes[at + 1]!;
      if (to > metaEnd) return;
      if (tag === FIELD_1) {
        this.apiVersionStart = from;
        this.apiVersionEnd = to;
      } else if (tag === FIELD_2) {
        this.kindStart = from;
        this.kindEnd = to;
      } else return;
      at = to;
    }
  }

  /** JSON as custom resources are stored: `apiVersion` and `kind` among the fields of the outermost object. */
  #findInJson(bytes: Uint8Array, start: number, end: number): void {
    let at = skipBlanks(bytes, start, end);
    if (bytes[at] !== OPENING_BRACE) return;
    at += 1;
    let depth = 1;
    let isName = true;
    let name = OTHER;
    while (at < end && depth > 0) {
      const byte = bytes[at]!;
      if (byte === QUOTE) {
        const from = at + 1;
        const to = endOfString(bytes, from, end);
        if (depth === 1 && isName) name = fieldAt(bytes, from, to);
        else if (depth === 1 && name === API_VERSION) {
          this.apiVersionStart = from;
          this.apiVersionEnd = to;
        } else if (depth === 1 && name === KIND) {
          this.kindStart = from;
          this.kindEnd = to;
        }
        if (this.apiVersionEnd > 0 && this.kindEnd > 0) return;
        at = to;
      } else if (byte === OPENING_BRACE || byte === OPENING_BRACKET) depth += 1;
      else if (byte === CLOSING_BRACE || byte === CLOSING_BRACKET) depth -= 1;
      else if (depth === 1 && byte === COLON) isName = false;
      else if (depth === 1 && byte === COMMA) isName = true;
      at += 1;
    }
  }
}

const FIELD_1 = (1 << 3) | 2;
const FIELD_2 = (2 << 3) | 2;
const LETTER_K = 0x6b;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;

const OTHER = 0;
const API_VERSION = 1;
const KIND = 2;
const API_VERSION_BYTES = Buffer.from('apiVersion');
const KIND_BYTES = Buffer.from('kind');

function fieldAt(bytes: Uint8Array, start: number, end: number): number {
  if (isAt(bytes, start, end, KIND_BYTES)) return KIND;
  return isAt(bytes, start, end, API_VERSION_BYTES) ? API_VERSION : OTHER;
}

function isAt(bytes: Uint8Array, start: number, end: number, text: Uint8Array): boolean {
  if (end - start !== text.length) return false;
  for (let index = 0; index < text.length; index++) if (bytes[start + index] !== text[index]) return false;
  return true;
}

function endOfString(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return Math.min(at, end);
}

function skipBlanks(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09)) at += 1;
  return at;
}

/** Letters, digits and what group and version are put together with: nothing that any format would have to quote. */
function isName(bytes: Uint8Array, start: number, end: number): boolean {
  if (start === end) return false;
  for (let index = start; index < end; index++) {
    const byte = bytes[index]!;
    const lower = byte | 0x20;
    const isLetter = lower >= 0x61 && lower <= 0x7a;
    // 0 to 9, and - . / which are next to them, in the order of their numbers.
    if (!isLetter && !(byte >= 0x2d && byte <= 0x39)) return false;
  }
  return true;
}
