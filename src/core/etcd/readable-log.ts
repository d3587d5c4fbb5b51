/** etcd's log lines are JSON; a person wants `level message: error`. Anything else stays as it is. */
export function readableLog(tail: string): string {
  return tail
    .split('\n')
    .map((line) => readableLine(line))
    .filter((line) => line !== '')
    .join('\n');
}

function readableLine(line: string): string {
  if (!line.startsWith('{')) return line.trimEnd();
  try {
    const { level, msg, error } = JSON.parse(line) as { level?: string; msg?: string; error?: string };
    if (typeof msg !== 'string') return line;
    return `${level ?? 'info'}: ${msg}${typeof error === 'string' && error !== '' ? `: ${error}` : ''}`;
  } catch {
    return line;
  }
}

/** The last lines that tell why etcd ended: errors and what is no log line, or simply the last ones. */
export function lastWords(tail: string, lines = 6): string {
  const readable = readableLog(tail).split('\n');
  // After a wrong flag etcd prints its whole usage, after a panic a stack: what counts stands before.
  const noise = readable.findLastIndex((line) => /^(Usage:|goroutine \d+)/.test(line));
  const all = noise > 0 ? readable.slice(0, noise) : readable;
  const bad = all.filter((line) => !/^(info|debug|warn): /.test(line));
  return (bad.length > 0 ? bad : all).slice(-lines).join('\n');
}
