import type { ApiServer } from './api-server.ts';
import { KubeError } from './kube-error.ts';

/** What the API server calls a kind in paths. */
export interface Resource {
  /** `pods`. */
  readonly plural: string;
  readonly namespaced: boolean;
  /** `/api/v1` or `/apis/<group>/<version>`. */
  readonly root: string;
}

/** Kinds to resources, as the API server itself says, asked once per group and version. */
export class Resources {
  readonly #api: ApiServer;
  readonly #groups = new Map<string, Promise<ReadonlyMap<string, Resource>>>();

  constructor(api: ApiServer) {
    this.#api = api;
  }

  /** Throws KubeError (404) for a kind that isn't installed. */
  async of(apiVersion: string, kind: string, signal?: AbortSignal): Promise<Resource> {
    const found = (await this.#group(apiVersion, kind, signal)).get(kind);
    if (found !== undefined) return found;
    // It may have been installed since.
    this.#groups.delete(apiVersion);
    const again = (await this.#group(apiVersion, kind, signal)).get(kind);
    if (again === undefined) throw notInstalled(apiVersion, kind, this.#api.server);
    return again;
  }

  async #group(apiVersion: string, kind: string, signal?: AbortSignal): Promise<ReadonlyMap<string, Resource>> {
    const known = this.#groups.get(apiVersion);
    if (known !== undefined) return await known;
    const asked = this.#ask(apiVersion, kind, signal);
    this.#groups.set(apiVersion, asked);
    try {
      return await asked;
    } catch (error) {
      this.#groups.delete(apiVersion);
      throw error;
    }
  }

  async #ask(apiVersion: string, kind: string, signal?: AbortSignal): Promise<ReadonlyMap<string, Resource>> {
    const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    try {
      const { resources } = await this.#api.json<{ resources: { name: string; kind: string; namespaced: boolean }[] }>({
        method: 'GET',
        path: root,
        signal,
        what: `look up ${apiVersion}`,
      });
      return new Map(
        resources
          .filter(({ name }) => !name.includes('/'))
          .map(({ name, kind: ofKind, namespaced }) => [ofKind, { plural: name, namespaced, root }]),
      );
    } catch (error) {
      if (error instanceof KubeError && error.status === 404)
        throw notInstalled(apiVersion, kind, this.#api.server, error);
      throw error;
    }
  }
}

function notInstalled(apiVersion: string, kind: string, server: string, cause?: unknown): KubeError {
  const isCustom = apiVersion.includes('.') && !/(^|\.)k8s\.io\//.test(apiVersion);
  return new KubeError(`the cluster does not know kind ${kind} of ${apiVersion}`, {
    where: server,
    hint: isCustom
      ? `its custom resource definition (CRD) is not installed: install the operator that brings it`
      : "is the cluster's version too old or too new for it?",
    status: 404,
    reason: 'NotInstalled',
    cause,
  });
}
