import { type PredecessorQuestion, refuseTwin } from './await-predecessor.ts';
import type { ControlSettings } from './driver-control.ts';
import type { DriverRecord } from './driver-record.ts';
import { endKeyRefusal, saysEnd } from './end-key.ts';
import { Registration, type RegistrationOptions } from './registration.ts';

export interface ClaimOptions extends RegistrationOptions {
  readonly settings: Pick<ControlSettings, 'name' | 'resumeFrom'>;
  readonly predecessor: PredecessorQuestion;
  readonly record: DriverRecord;
  /** Of the end key, when it was read; undefined: it says the end already, and that run is to be ended. */
  readonly endKeyRevision: number | undefined;
  /** There is a run to be ended, if the end key says so. */
  readonly isResumed: boolean;
  readonly onEndKey: () => void;
}

/**
 * Registers a driver under its name; with a number where others have the name and there is no state that only one can take
 * up. Throws InputError where there is, and when the end key was written meanwhile.
 */
export async function claimRegistration(options: ClaimOptions): Promise<Registration> {
  const { client, endKey, settings, record, predecessor, isResumed, onEndKey } = options;
  let { endKeyRevision } = options;
  for (let number = 1; ; ) {
    const name = number === 1 ? settings.name : `${settings.name}-${number}`;
    const claim = await Registration.claim(options, { ...record, name }, endKeyRevision);
    switch (claim.kind) {
      case 'registered':
        return claim.registration;
      case 'taken':
        if (settings.resumeFrom === undefined) number += 1;
        else await refuseTwin(predecessor);
        break;
      case 'end-key-changed': {
        const [kv] = (await client.range(endKey, { signal: predecessor.signal })).kvs;
        endKeyRevision = kv?.modRevision ?? 0;
        if (!saysEnd(kv?.value)) break;
        if (!isResumed) throw endKeyRefusal(endKey);
        onEndKey();
        endKeyRevision = undefined;
        break;
      }
      default:
        claim satisfies never;
    }
  }
}
