import { InputError } from '@etcdperf/core/errors';
import type { Prompt } from '@etcdperf/core/ssh';

/**
 * Whether what can't be undone may be done: `--yes`, or a person's answer. Throws InputError where nobody is there to
 * be asked.
 */
export async function askFirst(
  what: string,
  question: string,
  {
    yes,
    prompt,
    signal,
  }: {
    readonly yes?: boolean | undefined;
    readonly prompt?: Prompt | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<boolean> {
  if (yes === true) return true;
  if (prompt !== undefined) return prompt.confirm(`${what}\n${question}`, signal);
  throw new InputError(what, { hint: 'nothing was touched; --yes does it without a question' });
}
