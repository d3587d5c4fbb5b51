import type { ProtoReader, ProtoWriter } from '../protobuf/index.ts';
import { type Bytes, type KeyValue, NO_HEADER, type ResponseHeader, readHeader, readKeyValue } from './kv.ts';

export interface WatchEvent {
  readonly type: 'put' | 'delete';
  /** Of a delete, only key and modRevision are there. */
  readonly kv: KeyValue;
  readonly prevKv?: KeyValue;
}

export interface WatchCreate {
  readonly key: Bytes;
  readonly rangeEnd: Bytes | undefined;
  /** 0: from now on. */
  readonly startRevision: number;
  readonly progressNotify: boolean;
  readonly prevKv: boolean;
  /** Default: etcd numbers the watches of a stream itself, from 0. */
  readonly watchId?: number | undefined;
}

export interface WatchResponse {
  readonly header: ResponseHeader;
  readonly watchId: number;
  readonly created: boolean;
  readonly canceled: boolean;
  /** When canceled for compaction: the oldest revision there still is. */
  readonly compactRevision: number;
  readonly cancelReason: string;
  /** The rest of these events follows in the next response. */
  readonly fragment: boolean;
  readonly events: readonly WatchEvent[];
}

export function writeWatchCreate(writer: ProtoWriter, create: WatchCreate): void {
  writer.message(1, create, (inner, { key, rangeEnd, startRevision, progressNotify, prevKv, watchId = 0 }) => {
    inner.bytes(1, key).bytes(2, rangeEnd).number(3, startRevision);
    inner.boolean(4, progressNotify).boolean(6, prevKv).number(7, watchId).boolean(8, true);
  });
}

export function writeWatchCancel(writer: ProtoWriter, watchId: number): void {
  writer.message(2, watchId, (inner, id) => inner.number(1, id));
}

const NO_EVENTS: WatchEvent[] = [];
const NO_KEY_VALUE: KeyValue = {
  key: Buffer.alloc(0),
  value: Buffer.alloc(0),
  createRevision: 0,
  modRevision: 0,
  version: 0,
  lease: 0n,
};

export function readWatch(reader: ProtoReader): WatchResponse {
  const response = {
    header: NO_HEADER,
    watchId: 0,
    created: false,
    canceled: false,
    compactRevision: 0,
    cancelReason: '',
    fragment: false,
    events: NO_EVENTS,
  };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) response.header = reader.message(readHeader);
    else if (field === 2) response.watchId = reader.number();
    else if (field === 3) response.created = reader.boolean();
    else if (field === 4) response.canceled = reader.boolean();
    else if (field === 5) response.compactRevision = reader.number();
    else if (field === 6) response.cancelReason = reader.text();
    else if (field === 7) response.fragment = reader.boolean();
    else if (field === 11) {
      if (response.events === NO_EVENTS) response.events = [];
      response.events.push(reader.message(readEvent));
    } else reader.skip();
  }
  return response;
}

function readEvent(reader: ProtoReader): WatchEvent {
  let type: WatchEvent['type'] = 'put';
  let kv = NO_KEY_VALUE;
  let prevKv: KeyValue | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) type = reader.number() === 1 ? 'delete' : 'put';
    else if (field === 2) kv = reader.message(readKeyValue);
    else if (field === 3) prevKv = reader.message(readKeyValue);
    else reader.skip();
  }
  return prevKv === undefined ? { type, kv } : { type, kv, prevKv };
}
