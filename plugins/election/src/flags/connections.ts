import { InputError } from '@etcdperf/core/errors';

/** A connection for each agent, or so many for all agents of a process. */
export type Connections = 'own' | { readonly shared: number };

/** `own`, or `shared:8`. Throws InputError for anything else. */
export function parseConnections(text: string): Connections {
  if (text === 'own') return 'own';
  const shared = Number(/^shared:(\d{1,6})$/.exec(text)?.[1]);
  if (shared >= 1) return { shared };
  throw new InputError(`'${text}' is not a way to connect: write own, or shared:N with N from 1`);
}
