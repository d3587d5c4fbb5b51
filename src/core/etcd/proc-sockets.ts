/** One established TCP connection, as one of its two ends sees it. */
export interface EstablishedSocket {
  /** Null only for a socket without an address. */
  readonly localAddress: string | null;
  readonly localPort: number;
  readonly remoteAddress: string | null;
  readonly remotePort: number;
  /** By which a process's open files name it. */
  readonly inode: number;
}

const LINE =
  /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) 01 (?:\S+ +){5}(\d+)/;

/** The established connections in a text of /proc/net/tcp, /proc/net/tcp6, or both. Other lines are passed over. */
export function parseSockets(text: string): EstablishedSocket[] {
  return text.split('\n').flatMap((line) => {
    const [, local = '', localPort = '', remote = '', remotePort = '', inode = ''] = LINE.exec(line) ?? [];
    if (inode === '') return [];
    return [
      {
        localAddress: decodeAddress(local),
        localPort: Number.parseInt(localPort, 16),
        remoteAddress: decodeAddress(remote),
        remotePort: Number.parseInt(remotePort, 16),
        inode: Number(inode),
      },
    ];
  });
}

/**
 * The kernel writes addresses as hexadecimal 32-bit words, each in the machine's (little-endian) byte order. Null for
 * all addresses.
 */
export function decodeAddress(hex: string): string | null {
  if (/^0+$/.test(hex)) return null;
  const bytes = Buffer.from(hex, 'hex').swap32();
  if (bytes.length === 4) return bytes.join('.');
  // An IPv4 address on an IPv6 socket.
  if (hex.startsWith('0000000000000000FFFF0000')) return bytes.subarray(12).join('.');
  return Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16)).join(':');
}
