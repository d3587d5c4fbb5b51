import type { Lane, LaneOwner } from './lane.ts';
import type { LoadTally } from './load-tally.ts';
import type { LoadWindow } from './load-window.ts';

/** What a loop works with. */
export interface LoopParts {
  readonly lanes: readonly Lane[];
  readonly tally: LoadTally;
  readonly window: LoadWindow;
  readonly timeoutMs: number;
  /** Nothing more will be sent. May be told several times. */
  readonly onLastSent: () => void;
  /** Nothing more will be sent, and every request is over. May be told several times. */
  readonly onOver: () => void;
  readonly onSenseless: (reason: Error) => void;
}

/** Decides when requests are sent. */
export interface LoadLoop extends LaneOwner {
  start(): void;
  /** Nothing new is sent from now on. */
  end(): void;
  /** Told a few times each second, for what nothing else brings up. */
  onTick(now: number): void;
}
