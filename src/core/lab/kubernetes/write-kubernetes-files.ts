import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LabAddresses } from './addresses.ts';
import { componentScript } from './component-script.ts';
import { COMPONENTS, componentCommands, corefile } from './control-plane.ts';
import { writePki } from './kubernetes-pki.ts';
import type { KubernetesPrograms } from './kubernetes-programs.ts';
import { nodeFiles } from './node-files.ts';
import { nodeBootScript, nodeInitScript, nodeInsideScript } from './node-script.ts';
import { kubernetesSwitchInsideScript, kubernetesSwitchScript } from './switch-script.ts';

/** The scripts that a lab is run with. */
export async function writeScripts(dir: string): Promise<void> {
  const scripts = {
    'switch.sh': kubernetesSwitchScript,
    'switch-inside.sh': kubernetesSwitchInsideScript,
    'host-boot.sh': nodeBootScript,
    'host-inside.sh': nodeInsideScript,
    'component.sh': componentScript,
  };
  for (const folder of ['scripts', 'logs', 'control']) await mkdir(join(dir, folder), { recursive: true });
  for (const [file, text] of Object.entries(scripts)) await writeFile(join(dir, 'scripts', file), text);
}

/** What nodes and control plane are told, once it is settled which addresses they have. */
export async function writeConfiguration(
  dir: string,
  programs: KubernetesPrograms,
  addresses: LabAddresses,
  images: readonly string[],
): Promise<void> {
  for (const node of addresses.nodes) {
    const home = join(dir, 'hosts', node.name);
    const files = { ...nodeFiles(addresses, node, images), 'opt/lab/init.sh': nodeInitScript };
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(home, 'files', path)), { recursive: true });
      await writeFile(join(home, 'files', path), text);
    }
    await writeFile(join(home, 'address'), node.address);
  }
  await writePki(dir, addresses);
  const etcd = Object.values(programs.etcd).at(-1) ?? '';
  const commands = componentCommands({ dir, programs: programs.folder, etcd }, addresses);
  for (const name of COMPONENTS) await writeFile(join(dir, 'control', `${name}.sh`), commands[name]);
  await writeFile(join(dir, 'control/Corefile'), corefile(dir));
}
