import type { WireError } from '../wire/index.ts';
import { describeEtcdError } from './describe-etcd-error.ts';

/** The wire's errors say what was tried, where, and in parentheses why that failed: half a sentence of it. */
export function describeWireError(error: WireError, endpoint: string): string {
  const why = /^no etcd answers at .*? \((.*)\)$/s.exec(error.message)?.[1] ?? error.message;
  return describeEtcdError(why.startsWith(`${endpoint}: `) ? why.slice(endpoint.length + 2) : why);
}
