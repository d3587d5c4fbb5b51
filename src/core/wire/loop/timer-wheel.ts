const TICK_MS = 16;
const SLOTS = 1024;

export interface TimerEntry {
  readonly dueTick: number;
  readonly callback: () => void;
}

/**
 * Very many coarse timers for the price of one: deadlines, keepalives, waits of thousands of connections. They fire up
 * to 16 ms late, never early.
 */
export class TimerWheel {
  readonly #slots: (Set<TimerEntry> | undefined)[] = new Array(SLOTS).fill(undefined);
  #count = 0;
  #lastTick = Math.floor(performance.now() / TICK_MS);
  #armed: { readonly tick: number; readonly timer: NodeJS.Timeout } | undefined;

  schedule(delayMs: number, callback: () => void): TimerEntry {
    const dueTick = Math.ceil((performance.now() + delayMs) / TICK_MS);
    const entry = { dueTick, callback };
    const slot = dueTick % SLOTS;
    this.#slots[slot] ??= new Set();
    this.#slots[slot].add(entry);
    this.#count += 1;
    if (this.#armed === undefined || dueTick < this.#armed.tick) this.#arm(dueTick);
    return entry;
  }

  cancel(entry: TimerEntry): void {
    if (!(this.#slots[entry.dueTick % SLOTS]?.delete(entry) ?? false)) return;
    this.#count -= 1;
    if (this.#count > 0 || this.#armed === undefined) return;
    clearTimeout(this.#armed.timer);
    this.#armed = undefined;
  }

  #arm(tick: number): void {
    if (this.#armed !== undefined) clearTimeout(this.#armed.timer);
    // Fire after what has already arrived was read: an answer that waits in the socket is not late.
    const timer = setTimeout(() => setImmediate(() => this.#fire()), Math.max(0, tick * TICK_MS - performance.now()));
    this.#armed = { tick, timer };
  }

  #fire(): void {
    const now = Math.floor(performance.now() / TICK_MS);
    const first = Math.max(this.#lastTick + 1, now - SLOTS + 1);
    this.#lastTick = now;
    this.#armed = undefined;
    for (let tick = first; tick <= now; tick += 1) {
      const slot = this.#slots[tick % SLOTS];
      if (slot === undefined) continue;
      for (const entry of slot) {
        if (entry.dueTick > now) continue;
        slot.delete(entry);
        this.#count -= 1;
        entry.callback();
      }
    }
    if (this.#count > 0) this.#armNext(now);
  }

  /** Arms for the next slot that has anything in it; what is due a round later is only looked at. */
  #armNext(now: number): void {
    const limit = this.#armed?.tick ?? Number.POSITIVE_INFINITY;
    for (let tick = now + 1; tick <= now + SLOTS && tick < limit; tick += 1) {
      if ((this.#slots[tick % SLOTS]?.size ?? 0) === 0) continue;
      this.#arm(tick);
      return;
    }
  }
}
