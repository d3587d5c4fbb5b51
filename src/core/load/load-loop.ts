import type { Lane, LaneOwner } from './lane.ts';
import type { LoadTally } from './load-tally.ts';
import type { LoadWindow } from './load-window.ts';
import type { PartGoal } from './mixed-load.ts';

/** What a loop works with. */
export interface LoopParts {
  readonly lanes: readonly Lane[];
  readonly tally: LoadTally;
  readonly window: LoadWindow;
  readonly timeoutMs: number;
  readonly goal?: PartGoal | undefined;
  /** `isAllSent` or `isOver` may have become true. May be told several times. */
  readonly onProgress: () => void;
  readonly onSenseless: (reason: Error) => void;
}

/** Decides when requests are sent. */
export interface LoadLoop extends LaneOwner {
  /** Nothing more will be sent, as far as it is known now. */
  readonly isAllSent: boolean;
  /** Besides, every request has its outcome. */
  readonly isOver: boolean;
  start(): void;
  /** Nothing new becomes due from now on. What waits in a queue is still sent. */
  end(): void;
  /** Nothing more is sent, whatever waits. */
  giveUp(): void;
  /** Sends nothing until `resume()`; what becomes due meanwhile is dropped, but for what waits in a queue. */
  pause(): void;
  resume(): void;
  /** Told a few times each second, for what nothing else brings up. */
  onTick(now: number): void;
}
