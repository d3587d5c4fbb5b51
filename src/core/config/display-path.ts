import { relative } from 'node:path';

/** How a file is called in messages: from where the user is, unless that leads upwards. */
export function displayPath(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere === '' || fromHere.startsWith('..') ? path : fromHere;
}
