export { CallStream, type StreamEnd } from './call-stream.ts';
export type { DialTarget } from './dial-socket.ts';
export { RequestTemplate, TemplateCalls, type TemplateOwner } from './template-calls.ts';
export { type ConnectionListener, WireConnection, type WireConnectionOptions } from './wire-connection.ts';
