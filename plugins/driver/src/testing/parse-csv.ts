/** The records of a CSV text as RFC 4180 has it. Throws for what is none: quotes in the middle, records of other lengths. */
export function parseCsv(text: string): string[][] {
  const records: string[][] = [[]];
  // A field, quoted or not, and what ends it.
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gy;
  while (field.lastIndex < text.length) {
    const at = field.lastIndex;
    const match = field.exec(text);
    if (match === null) throw new Error(`no CSV at ${at}: ${JSON.stringify(text.slice(at, at + 40))}`);
    const [, quoted, plain = '', end] = match;
    records.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end !== ',') records.push([]);
  }
  if (records.at(-1)?.length === 0) records.pop();
  const odd = records.find(({ length }) => length !== records[0]!.length);
  if (odd !== undefined) throw new Error(`a record of ${odd.length} fields, the first has ${records[0]!.length}`);
  return records;
}

/** Records by the names of their columns. */
export function readCsv(text: string): Record<string, string>[] {
  const [header = [], ...records] = parseCsv(text);
  return records.map((record) => Object.fromEntries(header.map((column, index) => [column, record[index]!])));
}
