export {
  DaemonNotPrepared,
  type DaemonOptions,
  daemonState,
  killDaemon,
  listDaemons,
  removeDaemon,
  restartDaemon,
  type StopOptions,
  startDaemon,
  stopDaemon,
} from './control-daemon.ts';
export {
  type DaemonKill,
  type DaemonLimits,
  type DaemonRestart,
  type DaemonSignal,
  type DaemonSpec,
  type DaemonState,
  daemonConfig,
  daemonDir,
  daemonLog,
  type ExitedDaemon,
  type RunningDaemon,
} from './daemon.ts';
export { DAEMON_SCRIPT } from './daemon-script.ts';
export { guardFolder } from './guard-folder.ts';
