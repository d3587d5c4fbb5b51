export { type ConnectHostsOptions, connectHosts, type HostConnections } from './connect-hosts.ts';
export type { Executor, PushContent, PushOptions, PushResult, RunOptions, RunResult } from './executor.ts';
export { type FanOutOptions, type FanOutResult, fanOut } from './fan-out.ts';
export { fileSha256 } from './file-sha256.ts';
export { LocalExecutor } from './local-executor.ts';
export type { Prompt } from './prompt.ts';
export { quoteArgv } from './quote-argv.ts';
export {
  AuthenticationError,
  BecomeError,
  CommandTimeoutError,
  ConnectError,
  ConnectionLostError,
  HostKeyError,
} from './ssh-error.ts';
export { terminalPrompt } from './terminal-prompt.ts';
