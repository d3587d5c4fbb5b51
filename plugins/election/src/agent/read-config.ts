import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { InputError } from '@etcdperf/core/errors';
import type * as z from 'zod/mini';

/**
 * Reads a process's configuration file (JSON). Throws InputError with every problem; never shows a value, for the file
 * holds secrets. `eventsFile` comes back absolute.
 */
export async function readConfig<S extends z.ZodMiniType<{ eventsFile: string }>>(
  path: string,
  schema: S,
): Promise<z.output<S>> {
  const json = await parse(path);
  const result = schema.safeParse(json);
  if (!result.success) {
    throw new InputError(`the configuration of this process is wrong: ${path}`, {
      problems: result.error.issues.map((issue) => ({
        message: issue.code === 'unrecognized_keys' ? `unknown: ${issue.keys.join(', ')}` : describe(issue),
        where: issue.path.join('.') || '(top)',
      })),
    });
  }
  return { ...result.data, eventsFile: resolve(dirname(path), result.data.eventsFile) };
}

/** zod/mini has no texts of its own (they come with a locale), so the code is said in words here. */
function describe(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be of type ${issue.expected}`;
    case 'too_small':
      return `must be at least ${issue.minimum}`;
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}`;
    default:
      return issue.message;
  }
}

async function parse(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new InputError(`cannot read the configuration file ${path}`, { cause });
  });
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the text, which holds secrets.
    throw new InputError(`the configuration file ${path} is not JSON`);
  }
}
