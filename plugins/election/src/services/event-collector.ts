import type { Run } from '@etcdperf/core/runs';
import { parseElectionEvent } from '../protocol/index.ts';
import { EventFollower, type FollowProblem } from './event-follower.ts';
import type { EventSource } from './event-tail.ts';
import { ExperimentRecord } from './experiment-record.ts';

/** Where a process's events are kept in the run folder. */
export function eventsFile(source: { readonly host: string; readonly process: string }): string {
  return `events-${source.host}.${source.process}.jsonl`;
}

/** Who told the events in a file of a run folder; undefined for other files. */
export function eventsOrigin(file: string): { host: string; process: string } | undefined {
  const match = /^events-(.+)\.(election-(?:candidate|agents)-\d+)\.jsonl$/.exec(file);
  return match ? { host: match[1]!, process: match[2]! } : undefined;
}

/** Copies events from the hosts into the run folder as they appear, and knows what they say. */
export class EventCollector {
  readonly record = new ExperimentRecord();
  readonly #follower: EventFollower;
  readonly #run: Run | undefined;

  /** @param run where events are kept; without one, they are only looked at */
  constructor(run: Run | undefined, options: { readonly everyMs?: number } = {}) {
    this.#run = run;
    this.#follower = new EventFollower((source, lines) => this.#take(source, lines), options);
  }

  follow(sources: readonly EventSource[]): void {
    for (const source of sources) this.#follower.add(source);
    this.#follower.start();
  }

  /** Reads all that there is now; says which processes' events could not be read. */
  catchUp(timeoutMs: number): Promise<FollowProblem[]> {
    return this.#follower.catchUp(timeoutMs);
  }

  stop(): Promise<void> {
    return this.#follower.stop();
  }

  #take(source: EventSource, lines: readonly string[]): void {
    const origin = { host: source.executor.name, process: source.process };
    this.#run?.appendRaw(eventsFile(origin), `${lines.join('\n')}\n`);
    for (const line of lines) {
      const event = parseElectionEvent(line);
      if (event !== undefined) this.record.add(origin, event);
    }
  }
}
