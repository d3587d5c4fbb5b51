import { EtcdperfError } from './etcdperf-error.ts';

/** The user pressed Ctrl-C (or sent SIGTERM); what was started has been ended: exit 130. */
export class InterruptedError extends EtcdperfError {
  readonly exitCode = 130;

  constructor(message = 'interrupted') {
    super(message);
  }
}
