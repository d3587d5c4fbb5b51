import { InputError, type InputProblem } from '@etcdperf/core/errors';
import type { KubernetesPlan } from '../kubernetes/kubernetes-plan.ts';

/** Throws InputError with all that an operator would leave out of a cluster. */
export function requireExpressible({ config }: KubernetesPlan, problems: readonly InputProblem[]): void {
  if (problems.length > 0)
    throw new InputError(`cluster ${config.name} can't be made as it is described`, { problems });
}
