import type { ProtoReader } from '../protobuf/index.ts';

/**
 * Is told what a WatchResponse says, without an object for any of it. All calls are synchronous; `bytes` is valid only
 * during the call.
 */
export interface WatchSink {
  /** The watch is in place; `revision` is the store's at that moment. Creations are answered in order. */
  onCreated(watchId: number, revision: number): void;
  /** The watch whose turn it was is refused. */
  onRefused(reason: string): void;
  /**
   * One event. Those of a watch come in the order of their revisions; a response that etcd sends in fragments needs no
   * care but where the stream breaks: see `onFragment()`.
   *
   * @param bytes the key is `bytes[keyStart, keyEnd)`, the value `bytes[valueStart, valueEnd)`: empty for a delete
   */
  onEvent(
    watchId: number,
    type: 'put' | 'delete',
    bytes: Buffer,
    keyStart: number,
    keyEnd: number,
    valueStart: number,
    valueEnd: number,
    modRevision: number,
  ): void;
  /**
   * etcd ended the watch, or confirms its cancellation.
   *
   * @param compactRevision the oldest revision there is, when what was asked for is compacted away; else 0
   */
  onCanceled(watchId: number, reason: string, compactRevision: number): void;
  /** The rest of what happened at the last event's revision may follow: etcd sends too large a response in parts. */
  onFragment?(watchId: number): void;
  /** Everything up to this revision was delivered. `watchId` is -1 when that is so for all watches of the stream. */
  onProgress?(watchId: number, revision: number): void;
}

/** Reads one WatchResponse. Throws ProtoError, perhaps after some of it was told. */
export function scanWatch(reader: ProtoReader, sink: WatchSink): void {
  let watchId = 0;
  let revision = 0;
  let isCreated = false;
  let isCanceled = false;
  let isFragment = false;
  let compactRevision = 0;
  let reason = '';
  let firstEvent = -1;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 11) {
      if (firstEvent === -1) firstEvent = reader.position;
      reader.position = reader.enter();
    } else if (field === 1) revision = scanRevision(reader);
    else if (field === 2) watchId = reader.number();
    else if (field === 3) isCreated = reader.boolean();
    else if (field === 4) isCanceled = reader.boolean();
    else if (field === 5) compactRevision = reader.number();
    else if (field === 6) reason = reader.text();
    else if (field === 7) isFragment = reader.boolean();
    else reader.skip();
  }
  if (isCreated) {
    if (isCanceled) sink.onRefused(reason);
    else sink.onCreated(watchId, revision);
  }
  if (firstEvent !== -1) scanEvents(reader, firstEvent, watchId, sink);
  if (isFragment) sink.onFragment?.(watchId);
  if (isCreated) return;
  if (isCanceled) sink.onCanceled(watchId, reason, compactRevision);
  else if (firstEvent === -1 && !isFragment) sink.onProgress?.(watchId, revision);
}

/** The revision of a ResponseHeader. */
function scanRevision(reader: ProtoReader): number {
  const outer = reader.end;
  const end = reader.enter();
  reader.end = end;
  let revision = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 3) revision = reader.number();
    else reader.skip();
  }
  reader.end = outer;
  return revision;
}

/** `firstEvent`: right after the tag of the first. */
function scanEvents(reader: ProtoReader, firstEvent: number, watchId: number, sink: WatchSink): void {
  reader.position = firstEvent;
  reader.expectBytes();
  for (let field = 11; field !== 0; field = reader.next()) {
    if (field === 11) scanEvent(reader, watchId, sink);
    else reader.skip();
  }
}

function scanEvent(reader: ProtoReader, watchId: number, sink: WatchSink): void {
  const outer = reader.end;
  const eventEnd = reader.enter();
  let type: 'put' | 'delete' = 'put';
  let keyStart = 0;
  let keyEnd = 0;
  let valueStart = 0;
  let valueEnd = 0;
  let modRevision = 0;
  reader.end = eventEnd;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) type = reader.number() === 1 ? 'delete' : 'put';
    else if (field === 2) {
      reader.end = reader.enter();
      for (let part = reader.next(); part !== 0; part = reader.next()) {
        if (part === 1) {
          keyEnd = reader.enter();
          keyStart = reader.position;
          reader.position = keyEnd;
        } else if (part === 3) modRevision = reader.number();
        else if (part === 5) {
          valueEnd = reader.enter();
          valueStart = reader.position;
          reader.position = valueEnd;
        } else reader.skip();
      }
      reader.end = eventEnd;
    } else reader.skip();
  }
  reader.end = outer;
  sink.onEvent(watchId, type, reader.bytes, keyStart, keyEnd, valueStart, valueEnd, modRevision);
}
