import type { Transform } from 'node:stream';
import { InputError } from '@etcdperf/core/errors';

export type Compression = 'none' | 'gzip' | 'zstd';

/** What a dump's file is compressed with, by the ending of its name. */
export function compressionOf(path: string): Compression {
  if (path.endsWith('.gz')) return 'gzip';
  return path.endsWith('.zst') ? 'zstd' : 'none';
}

/** What bytes are compressed with, by what they begin with. */
export function compressionIn(head: Buffer): Compression {
  if (head.length >= 2 && head.readUInt16BE(0) === 0x1f8b) return 'gzip';
  return head.length >= 4 && head.readUInt32LE(0) === 0xfd2fb528 ? 'zstd' : 'none';
}

export async function createCompressor(compression: 'gzip' | 'zstd'): Promise<Transform> {
  const { createGzip, createZstdCompress } = await import('node:zlib');
  if (compression === 'gzip') return createGzip({ chunkSize: CHUNK_BYTES });
  if (createZstdCompress === undefined) throw withoutZstd();
  return createZstdCompress({ chunkSize: CHUNK_BYTES });
}

export async function createDecompressor(compression: 'gzip' | 'zstd'): Promise<Transform> {
  const { createGunzip, createZstdDecompress } = await import('node:zlib');
  if (compression === 'gzip') return createGunzip({ chunkSize: CHUNK_BYTES });
  if (createZstdDecompress === undefined) throw withoutZstd();
  return createZstdDecompress({ chunkSize: CHUNK_BYTES });
}

const CHUNK_BYTES = 1 << 18;

function withoutZstd(): InputError {
  return new InputError(`node ${process.versions.node} knows no zstd`, {
    hint: 'node has it from 22.15 on: use gzip (.gz), or a newer node',
  });
}
