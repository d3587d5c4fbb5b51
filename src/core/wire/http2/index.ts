export { CallStream, GRPC_PREFIX, type StreamEnd } from './call-stream.ts';
export type { ConnectionListener } from './connection-life.ts';
export type { DialTarget } from './dial-socket.ts';
export { RequestTemplate } from './request-template.ts';
export { TemplateCalls } from './template-calls.ts';
export type { TemplateFiller, TemplateOutcome, TemplateOwner } from './template-owner.ts';
export { WireConnection, type WireConnectionOptions } from './wire-connection.ts';
