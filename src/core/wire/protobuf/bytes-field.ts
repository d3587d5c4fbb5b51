/** Of a field whose value has a length: its number, and that. */
const LENGTH_DELIMITED = 2;

/** How many bytes a protobuf field takes whose value has so many. Numbers of fields up to 15. */
export function bytesFieldSize(valueBytes: number): number {
  return 1 + varintSize(valueBytes) + valueBytes;
}

/** Writes what comes before the value; returns where that begins. */
export function writeBytesFieldHead(bytes: Buffer, at: number, field: number, valueBytes: number): number {
  bytes[at] = (field << 3) | LENGTH_DELIMITED;
  let end = at + 1;
  let rest = valueBytes;
  while (rest > 0x7f) {
    bytes[end] = (rest & 0x7f) | 0x80;
    end += 1;
    rest >>>= 7;
  }
  bytes[end] = rest;
  return end + 1;
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > 0x7f; rest >>>= 7) size += 1;
  return size;
}
