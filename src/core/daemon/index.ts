export {
  type DaemonOptions,
  daemonState,
  killDaemon,
  listDaemons,
  removeDaemon,
  type StopOptions,
  startDaemon,
  stopDaemon,
} from './control-daemon.ts';
export {
  type DaemonKill,
  type DaemonLimits,
  type DaemonSignal,
  type DaemonSpec,
  type DaemonState,
  daemonConfig,
  daemonDir,
  daemonLog,
  type ExitedDaemon,
  type RunningDaemon,
} from './daemon.ts';
export { guardFolder } from './guard-folder.ts';
