import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Whether the user has added plugins (`etcdperf plugins install`). */
export function hasUserPlugins(): boolean {
  const data =
    process.env.ETCDPERF_DATA_DIR ?? join(process.env.XDG_DATA_HOME ?? join(homedir(), '.local/share'), 'etcdperf');
  return existsSync(join(data, 'package.json'));
}
