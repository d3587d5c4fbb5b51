import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { parse } from 'yaml';
import { didYouMean, InputError } from '../errors/index.ts';

const SERVICE_ACCOUNT_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';
const HINT = 'name one with kubeconfig in the inventory (kubernetes:), in KUBECONFIG, or as ~/.kube/config';

/** Which kubeconfig, and what of it. */
export interface KubeconfigChoice {
  /** Default: the files in KUBECONFIG, else `~/.kube/config`, else the service account of the pod that we run in. */
  readonly kubeconfigFile?: string | undefined;
  /** Default: the kubeconfig's current context. */
  readonly context?: string | undefined;
}

/** A kubeconfig with the context chosen. */
export interface ChosenContext {
  readonly config: KubeConfig;
  readonly context: string;
  /** The context's own, else `default`. */
  readonly namespace: string;
  readonly server: string;
}

/** Throws InputError for no kubeconfig, one that can't be read, or a context that isn't in it (naming those there are). */
export function chooseContext({ kubeconfigFile, context }: KubeconfigChoice): ChosenContext {
  const files = kubeconfigFile === undefined ? defaultFiles() : [kubeconfigFile];
  const config = files.length === 0 ? serviceAccount() : mergeFiles(files);
  const where = files.join(delimiter) || 'service account';
  const names = config.contexts.map(({ name }) => name);
  const name = context ?? config.currentContext;
  if (!name)
    throw new InputError('the kubeconfig has no current context', {
      where,
      hint: names.length === 0 ? HINT : `choose one of its contexts: ${names.join(', ')}`,
    });
  const found = config.contexts.find((entry) => entry.name === name);
  if (found === undefined)
    throw new InputError(`the kubeconfig has no context '${name}'`, {
      where,
      hint: didYouMean(name, names) ?? (names.length === 0 ? HINT : `it has ${names.join(', ')}`),
    });
  config.setCurrentContext(name);
  const cluster = config.clusters.find((entry) => entry.name === found.cluster);
  if (cluster === undefined)
    throw new InputError(`the kubeconfig's context '${name}' is of cluster '${found.cluster}', which isn't in it`, {
      where,
    });
  if (found.user !== undefined && !config.users.some((entry) => entry.name === found.user))
    throw new InputError(`the kubeconfig's context '${name}' is of user '${found.user}', who isn't in it`, { where });
  return { config, context: name, namespace: found.namespace?.trim() || 'default', server: cluster.server };
}

/** Those that are there. None means: the service account. */
function defaultFiles(): string[] {
  const named = (process.env.KUBECONFIG ?? '').split(delimiter).filter((file) => file !== '');
  if (named.length > 0) {
    const present = named.filter((file) => existsSync(file));
    if (present.length > 0) return present;
    throw new InputError('KUBECONFIG names no file that is there', { where: named.join(delimiter), hint: HINT });
  }
  const own = join(homedir(), '.kube/config');
  if (existsSync(own)) return [own];
  if (process.env.KUBERNETES_SERVICE_HOST !== undefined && existsSync(SERVICE_ACCOUNT_TOKEN)) return [];
  throw new InputError('there is no kubeconfig', { where: own, hint: HINT });
}

function serviceAccount(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromCluster();
  return config;
}

/** As kubectl merges: what an earlier file says about a name stands. */
function mergeFiles(files: readonly string[]): KubeConfig {
  const merged = new KubeConfig();
  for (const file of files) {
    const { clusters, users, contexts, currentContext } = readFile(file);
    merged.clusters.push(...newNames(merged.clusters, clusters));
    merged.users.push(...newNames(merged.users, users));
    merged.contexts.push(...newNames(merged.contexts, contexts));
    if (!merged.currentContext && currentContext) merged.setCurrentContext(currentContext);
  }
  return merged;
}

function newNames<T extends { readonly name: string }>(have: readonly T[], found: readonly T[]): T[] {
  return found.filter(({ name }) => !have.some((entry) => entry.name === name));
}

function readFile(file: string): KubeConfig {
  const config = new KubeConfig();
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'it may not be read' : String(code);
    throw new InputError(`the kubeconfig can't be read: ${why}`, { where: file, hint: HINT, cause });
  }
  try {
    config.loadFromString(text);
    const folder = dirname(resolve(file));
    config.makePathsAbsolute(folder);
    addWhatIsNotRead(config, text, folder);
  } catch (cause) {
    // Only its first line, and not the error itself: what follows quotes the file, which holds keys and tokens.
    const why = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new InputError(`this is not a kubeconfig: ${why}`, { where: file });
  }
  return config;
}

/** `tokenFile` (the library reads only its own spelling of it), and a credential plugin named by a relative path. */
function addWhatIsNotRead(config: KubeConfig, text: string, folder: string): void {
  // Parsed a second time only where there is something to be found.
  const file: UsersOnly | null = text.includes('tokenFile') ? parse(text) : null;
  const users = file?.users ?? [];
  for (const user of config.users as Mutable<(typeof config.users)[number]>[]) {
    const tokenFile = users.find(({ name }) => name === user.name)?.user?.tokenFile;
    if (tokenFile !== undefined && user.token === undefined) {
      const path = isAbsolute(tokenFile) ? tokenFile : join(folder, tokenFile);
      user.authProvider = { name: 'tokenFile', config: { tokenFile: path } };
    }
    const command: unknown = user.exec?.command;
    if (typeof command === 'string' && command.includes('/') && !isAbsolute(command))
      user.exec = { ...user.exec, command: join(folder, command) };
  }
  // The library refuses plain HTTP otherwise; there is no certificate to verify.
  for (const cluster of config.clusters as Mutable<(typeof config.clusters)[number]>[])
    if (cluster.server.startsWith('http:')) cluster.skipTLSVerify = true;
}

interface UsersOnly {
  readonly users?: readonly { readonly name: string; readonly user?: { readonly tokenFile?: string } }[];
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
