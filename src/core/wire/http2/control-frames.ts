import {
  DEFAULT_WINDOW,
  Flag,
  FRAME_HEADER,
  FrameType,
  LARGEST_WINDOW,
  PREFACE,
  Setting,
  writeFrameHeader,
  writeUint32,
} from './frame.ts';
import type { FrameOutput } from './frame-output.ts';

const PING_PAYLOAD = Buffer.from('etcdperf');

/** WINDOW_UPDATE and RST_STREAM: frames of one number. */
export function writeNumberFrame(output: FrameOutput, type: number, streamId: number, value: number): void {
  output.reserve(FRAME_HEADER + 4);
  const start = writeFrameHeader(output.bytes, output.length, 4, type, 0, streamId);
  writeUint32(output.bytes, start, value);
  output.length = start + 4;
}

/** Answers the PING whose payload is given, or asks one of our own. */
export function writePing(output: FrameOutput, answerTo?: Buffer): void {
  output.reserve(FRAME_HEADER + 8);
  const flags = answerTo === undefined ? 0 : Flag.ack;
  const start = writeFrameHeader(output.bytes, output.length, 8, FrameType.ping, flags, 0);
  (answerTo ?? PING_PAYLOAD).copy(output.bytes, start, 0, 8);
  output.length = start + 8;
}

export function writeSettingsAck(output: FrameOutput): void {
  output.reserve(FRAME_HEADER);
  output.length = writeFrameHeader(output.bytes, output.length, 0, FrameType.settings, Flag.ack, 0);
}

export function writeGoaway(output: FrameOutput, code: number): void {
  output.reserve(FRAME_HEADER + 8);
  const start = writeFrameHeader(output.bytes, output.length, 8, FrameType.goaway, 0, 0);
  writeUint32(output.bytes, start, 0);
  writeUint32(output.bytes, start + 4, code);
  output.length = start + 8;
}

/**
 * What a connection begins with. Receive windows are opened as wide as they go, once: what we take in is bounded by what
 * callers handle.
 */
export function writePreface(output: FrameOutput): void {
  output.reserve(PREFACE.length + 64);
  PREFACE.copy(output.bytes, output.length);
  output.length += PREFACE.length;
  const settings = [
    [Setting.enablePush, 0],
    [Setting.initialWindowSize, LARGEST_WINDOW],
    [Setting.maxHeaderListSize, 64 * 1024],
  ] as const;
  let position = writeFrameHeader(output.bytes, output.length, settings.length * 6, FrameType.settings, 0, 0);
  for (const [id, value] of settings) {
    output.bytes.writeUInt16BE(id, position);
    writeUint32(output.bytes, position + 2, value);
    position += 6;
  }
  output.length = position;
  writeNumberFrame(output, FrameType.windowUpdate, 0, LARGEST_WINDOW - DEFAULT_WINDOW);
}
