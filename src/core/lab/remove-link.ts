import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runTool } from './run-tool.ts';

/**
 * Removes this machine's end of the line to a lab. Left to the kernel, it stays until the last connection inside the lab
 * was given up, minutes after its processes. A later lab's line of the same name is left alone.
 */
export async function removeLink(dir: string): Promise<void> {
  const [name = '', index = ''] = (await readText(join(dir, 'link'))).trim().split(' ');
  if (name === '' || (await readText(`/sys/class/net/${name}/ifindex`)).trim() !== index) return;
  await runTool(['ip', 'link', 'del', name]);
}

function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
