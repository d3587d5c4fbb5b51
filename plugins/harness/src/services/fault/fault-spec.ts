/** One way to break a member. */
export type FaultSpec =
  /** SIGKILL; started again at the end. */
  | { readonly kind: 'kill' }
  /** SIGSTOP; SIGCONT at the end. */
  | { readonly kind: 'pause' }
  /** Packets of its ports are dropped. `direction`: those that reach it, those that it sends, or both. */
  | {
      readonly kind: 'cut';
      readonly from: 'peers' | 'clients' | 'all';
      readonly direction: 'in' | 'out' | 'both';
    }
  /** Each fsync takes that much longer, or its writes are limited, or the way that its host has. */
  | { readonly kind: 'slow-disk'; readonly delayMs: number | undefined; readonly writesPerSec: number | undefined }
  | { readonly kind: 'fill-disk'; readonly leaveBytes: number }
  | { readonly kind: 'skew'; readonly offsetMs: number };

export type FaultKind = FaultSpec['kind'];

export const FAULT_KINDS = ['kill', 'pause', 'cut', 'slow-disk', 'fill-disk', 'skew'] as const satisfies FaultKind[];

/** What a host remembers of a fault that is active there. */
export interface FaultRecord {
  readonly cluster: string;
  readonly member: string;
  readonly spec: FaultSpec;
  readonly forMs: number;
  /** `user@host` of the machine that the command ran on, and when by its clock (ISO). */
  readonly who: string;
  readonly since: string;
}

export interface ActiveFault {
  readonly id: string;
  readonly record: FaultRecord;
  /** Whether the timer that undoes it still runs. It doesn't after a reboot of the host. */
  readonly isWatched: boolean;
}

/** In a few words. */
export function describeFault(spec: FaultSpec): string {
  switch (spec.kind) {
    case 'kill':
    case 'pause':
      return spec.kind;
    case 'cut': {
      const way = spec.direction === 'both' ? '' : `, only what comes ${spec.direction === 'in' ? 'in' : 'out'}`;
      return `cut from ${spec.from === 'all' ? 'peers and clients' : spec.from}${way}`;
    }
    case 'slow-disk':
      return 'slow-disk';
    case 'fill-disk':
      return `fill-disk, ${spec.leaveBytes} bytes left`;
    case 'skew':
      return `skew by ${spec.offsetMs > 0 ? '+' : ''}${spec.offsetMs / 1000} s`;
    default:
      return spec satisfies never;
  }
}
