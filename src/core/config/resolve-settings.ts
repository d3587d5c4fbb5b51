import type { HostSettings } from './inventory.ts';
import type { FileSettings } from './inventory-schema.ts';
import type { Reading } from './reading.ts';
import type { KeyPath } from './yaml-source.ts';

/** One place's settings (defaults, a group, a host), with absolute paths. */
export interface Settings extends HostSettings {
  readonly jump?: readonly string[];
  readonly become?: 'none' | 'sudo';
  /** Where `jump` was written. */
  readonly jumpAt?: KeyPath;
}

/** Reads the settings that stand at `path`, and checks the files they name. */
export function resolveSettings(file: FileSettings, path: KeyPath, reading: Reading): Settings {
  if (file.passwordFile !== undefined && file.passwordEnv !== undefined) {
    reading.problem([...path, 'passwordEnv'], 'there is also a passwordFile: one source is enough', { part: 'key' });
  }
  return {
    ...(file.user === undefined ? {} : { user: file.user }),
    ...(file.port === undefined ? {} : { port: file.port }),
    ...(file.become === undefined ? {} : { become: file.become }),
    ...(file.passwordEnv === undefined ? {} : { passwordEnv: file.passwordEnv }),
    ...(file.jump === undefined ? {} : { jump: [file.jump].flat(), jumpAt: [...path, 'jump'] }),
    ...(file.key === undefined ? {} : { keyFile: reading.existingFile([...path, 'key'], file.key) }),
    // May not exist yet: --accept-new makes it.
    ...(file.knownHosts === undefined ? {} : { knownHostsFile: reading.path(file.knownHosts) }),
    ...(file.passwordFile === undefined
      ? {}
      : { passwordFile: reading.existingFile([...path, 'passwordFile'], file.passwordFile) }),
  };
}

/** Later settings win. A password's source replaces the other kind of source too. */
export function mergeSettings(layers: readonly Settings[]): Settings {
  const merged: { -readonly [Key in keyof Settings]: Settings[Key] } = {};
  for (const layer of layers) {
    if (layer.passwordFile !== undefined || layer.passwordEnv !== undefined) {
      delete merged.passwordFile;
      delete merged.passwordEnv;
    }
    Object.assign(merged, layer);
  }
  return merged;
}
