import type { InputProblem } from '@etcdperf/core/errors';
import type { InstalledCertificates } from '@etcdperf/core/etcd';

/** The certificates of a cluster, and what was done about them. Nothing of it is secret. */
export interface CertsReport {
  readonly cluster: string;
  /** Where `harness:certs` makes them; undefined where they come from elsewhere. */
  readonly dir: string | undefined;
  /** Files that were written, by name. */
  readonly written: readonly string[];
  readonly certificates: readonly CertificateState[];
  /** Why members or clients can't use them. */
  readonly problems: readonly InputProblem[];
  /** Files of certificates that expire within the time that was asked for, but have not yet. */
  readonly soon: readonly string[];
  readonly installed: readonly Installed[] | undefined;
  /** What a person should know or do next. */
  readonly notes: readonly string[];
}

/** One certificate of a file. */
export interface CertificateState {
  readonly file: string;
  readonly kind: 'ca' | 'server' | 'peer' | 'client';
  readonly subject: string;
  /** DNS names and addresses that it is good for. */
  readonly hosts: readonly string[];
  /** ISO times. */
  readonly notBefore: string;
  readonly notAfter: string;
  /** Whole days; negative when its time is over. */
  readonly expiresInDays: number;
  readonly serial: string;
  readonly issuer: string;
  /** SHA-256. */
  readonly fingerprint: string;
  /** Whether its private key is here. */
  readonly key: boolean;
}

/** What became of one place that certificates belong to: a member's host, or a secret of Kubernetes. */
export type Installed =
  | ({ readonly kind: 'host' } & InstalledCertificates)
  | {
      readonly kind: 'secret';
      readonly name: string;
      readonly namespace: string;
      readonly result: {
        readonly kind: 'created' | 'installed' | 'unchanged';
        /** Whether it holds another CA than before: etcd reads that when it starts. */
        readonly restart: boolean;
      };
    };
