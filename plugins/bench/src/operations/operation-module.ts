import { extname } from 'node:path';

/** The file URL of an operation or scenario in this folder (`put-operation`), for whichever thread is to load it. */
export function operationModule(name: string): string {
  return new URL(`./${name}${extname(import.meta.url)}`, import.meta.url).href;
}
