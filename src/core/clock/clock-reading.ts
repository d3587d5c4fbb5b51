/** How far a clock is off, and how far this statement can be wrong. */
export interface ClockOffset {
  /** Positive: the host is ahead of what it was compared with. Milliseconds. */
  readonly offsetMs: number;
  readonly errorBarMs: number;
}

/**
 * One host's clock. `source` says who was asked: its chrony, an NTP server from there (ntpdate, sntp), or only this
 * machine over the connection (`ssh`).
 */
export interface ClockReading extends ClockOffset {
  readonly source: 'chrony' | 'ntp' | 'ssh';
  /**
   * How wrong a time stamp of that host can be, milliseconds: |offset| + root dispersion + half the root delay
   * (https://chrony-project.org/doc/4.3/chronyc.html#tracking); for `ssh` |offset| + half the round trip.
   */
  readonly errorBarMs: number;
  /** Whether the host itself says that it follows a source. For `ssh`: what systemd's timedatectl says, else false. */
  readonly synchronised: boolean;
  /** What it is compared with: a server's name or address. */
  readonly reference?: string;
  /** The same host against this machine's clock, by the fastest of several exchanges; its error is half a round trip. */
  readonly comparison: ClockOffset;
}
