import type { LogLine } from '../logs/parse-log-line.ts';
import type { ErrorKindId } from './error-kinds.ts';
import { MESSAGES, type MessagePattern, TEXTS } from './error-patterns.ts';
import { parseGoDuration } from './parse-go-duration.ts';

/** What a line tells of something that went wrong. */
export interface Trouble {
  readonly kind: ErrorKindId;
  /** How long it took, milliseconds, where the line says so. */
  readonly tookMs: number | undefined;
}

const BY_MESSAGE: ReadonlyMap<string, readonly MessagePattern[]> = Map.groupBy(MESSAGES, ({ message }) => message);
const OF_BOTH = TEXTS.filter(({ format }) => format === 'both');
/** How 3.4 with `--logger=capnslog` repeats an error as its own context; counted once. */
const ECHO = /^(?:failed to (?:read|dial|write|find) |grpc: )/;

/** Undefined for a line that tells of nothing wrong. */
export function classifyLine(line: LogLine): Trouble | undefined {
  const isText = line.format === 'text';
  if (line.level === 'crash' || line.level === 'fatal') return { kind: 'crash', tookMs: undefined };
  const known = isText ? undefined : BY_MESSAGE.get(line.message);
  const pattern = known?.find(({ field }) => field === undefined || matchesField(line, field));
  if (pattern !== undefined) {
    const tookMs = pattern.took === undefined ? undefined : parseGoDuration(line.fields[pattern.took]);
    if (pattern.kind === 'none' || (tookMs ?? 0) < (pattern.fromMs ?? 0)) return undefined;
    return { kind: pattern.kind, tookMs };
  }
  if (isText || known === undefined) {
    for (const { kind, matches, fromMs = 0 } of isText ? TEXTS : OF_BOTH) {
      const found = matches.exec(line.message);
      if (found === null) continue;
      const tookMs = parseGoDuration(found.groups?.took);
      return (tookMs ?? 0) < fromMs ? undefined : { kind, tookMs };
    }
  }
  if (line.level !== 'error' || (isText && ECHO.test(line.message))) return undefined;
  return { kind: 'other', tookMs: undefined };
}

function matchesField({ fields }: LogLine, { name, matches }: NonNullable<MessagePattern['field']>): boolean {
  return matches.test(String(fields[name] ?? ''));
}
