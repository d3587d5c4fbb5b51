import { OperationError } from '../errors/index.ts';
import type { ClockReading } from './clock-reading.ts';

const QUESTIONS = 4;
const TIMEOUT_MS = 3000;

/**
 * This machine's clock against NTP servers (`address` or `address:port`), where it runs no chrony. The only place that
 * uses `ntp-time-sync`, which is GPL-3.0 and therefore optional: loaded here, on demand, never bundled. It is used to
 * exchange packets; the arithmetic is ours. Throws `OperationError` where it isn't installed or nobody answers.
 */
export async function askTimeServers(servers: readonly string[]): Promise<ClockReading> {
  // By a name that the compiler does not follow: it must build where the package is not installed.
  const name: string = 'ntp-time-sync';
  const { NtpTimeSync } = await (import(name) as Promise<NtpTimeSyncPackage>).catch((cause: unknown) => {
    throw new OperationError('asking time servers from this machine needs the package ntp-time-sync', {
      hint: 'npm install ntp-time-sync (it is GPL-3.0), or run chrony here',
      cause,
    });
  });
  const client = new NtpTimeSync({ replyTimeout: TIMEOUT_MS });
  const asked = servers.flatMap((server) => Array.from({ length: QUESTIONS }, () => ask(client, server)));
  const settled = await Promise.allSettled(asked);
  const answers = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const best = answers.sort((a, b) => a.errorBarMs - b.errorBarMs)[0];
  if (best !== undefined) return best;
  const failed = settled.find((each) => each.status === 'rejected');
  throw new OperationError('no time server answered', { where: servers.join(', '), cause: failed?.reason });
}

interface NtpTimeSyncPackage {
  readonly NtpTimeSync: new (options: { readonly replyTimeout: number }) => Client;
}

interface Client {
  getNetworkTime(server: string, port?: number): Promise<Packet>;
}

/** Of the library's packet, what is needed; it keeps whole milliseconds. */
interface Packet {
  readonly originTimestamp?: Date;
  readonly receiveTimestamp?: Date;
  readonly transmitTimestamp?: Date;
  readonly destinationTimestamp: Date;
  readonly stratum?: number;
}

async function ask(client: Client, server: string): Promise<ClockReading> {
  const [host = server, port] = server.split(':');
  const packet = await client.getNetworkTime(host, Number(port ?? 123));
  return { ...readPacket(packet), reference: server };
}

/** RFC 5905: offset and delay from the four time stamps; each is cut to a millisecond, which goes into the error. */
export function readPacket(packet: Packet): ClockReading {
  const [sent, arrived, left] = [packet.originTimestamp, packet.receiveTimestamp, packet.transmitTimestamp].map(Number);
  const back = packet.destinationTimestamp.getTime();
  if (sent === undefined || arrived === undefined || left === undefined || Number.isNaN(sent + arrived + left)) {
    throw new OperationError('the time server sent no times');
  }
  const offsetMs = (sent - arrived + (back - left)) / 2;
  const delayMs = Math.max(0, back - sent - (left - arrived));
  return {
    source: 'ntp',
    offsetMs,
    errorBarMs: Math.abs(offsetMs) + delayMs / 2 + 1,
    synchronised: (packet.stratum ?? 16) < 16,
    comparison: { offsetMs: 0, errorBarMs: 0 },
  };
}
