import type { etcdserverpb } from './generated/etcd.js';

/**
 * The codec generated from etcd's own .proto files, for messages that are rare. Loaded when first asked for: an agent
 * that never asks never has it. Its 64-bit numbers are exact (`Long` objects).
 */
export async function loadGeneratedCodec(): Promise<typeof etcdserverpb> {
  const [{ default: protobuf }, { default: Long }, codec] = await Promise.all([
    import('protobufjs/minimal.js'),
    import('long'),
    import('./generated/etcd.js'),
  ]);
  // protobufjs finds it by itself in most loaders, and in others silently rounds member ids to doubles.
  protobuf.util.Long = Long as unknown as typeof protobuf.util.Long;
  protobuf.configure();
  return codec.etcdserverpb;
}
