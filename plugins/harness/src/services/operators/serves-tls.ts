import type { Pod } from '@etcdperf/core/kube';

/** Whether the etcd in a pod listens for clients with TLS, as its own arguments say. */
export function servesTls({ spec }: Pod): boolean {
  const container = spec?.containers.find(({ name }) => name === 'etcd');
  return [...(container?.command ?? []), ...(container?.args ?? [])].some((argument) =>
    /^--listen-client-urls=https:/.test(argument),
  );
}
