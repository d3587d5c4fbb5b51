import * as Flags from '@oclif/core/flags';
import { InputError } from '../errors/index.ts';
import { durationFlag } from './duration-flag.ts';
import { inHelpGroup } from './in-help-group.ts';

/** Which cluster a command works on, and how it is reached. See `clusterAccessFrom`. */
export const clusterFlags = inHelpGroup('CLUSTER', {
  cluster: Flags.string({
    char: 'c',
    description: "the cluster's name in the inventory (or of a local one); needless where there is only one",
    helpValue: 'NAME',
  }),
  endpoints: Flags.string({
    description: "the cluster's client URLs, instead of those in the inventory",
    env: 'ETCDPERF_ENDPOINTS',
    helpValue: 'URL,…',
  }),
  cacert: Flags.string({ description: 'the CA that signed the members’ certificates', helpValue: 'FILE' }),
  cert: Flags.string({ description: 'the certificate to show to the members', helpValue: 'FILE', dependsOn: ['key'] }),
  key: Flags.string({ description: 'its key', helpValue: 'FILE', dependsOn: ['cert'] }),
  'insecure-skip-tls-verify': Flags.boolean({ description: 'take whatever certificate the members show' }),
  user: Flags.custom<string>({
    parse: async (text) => parseUser(text),
    description: 'who to log in as; the password comes from --password-file or $ETCDPERF_PASSWORD',
    helpValue: 'NAME',
  })(),
  'password-file': Flags.string({
    description: 'a file whose first line is the password',
    helpValue: 'FILE',
    dependsOn: ['user'],
  }),
  'dial-timeout': durationFlag({
    description: 'how long connecting may take',
    defaultHelp: async () => '5s',
  }),
});

/** The values of `clusterFlags`. */
export interface ClusterFlagValues {
  readonly cluster?: string | undefined;
  readonly endpoints?: string | undefined;
  readonly cacert?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly 'insecure-skip-tls-verify'?: boolean | undefined;
  readonly user?: string | undefined;
  readonly 'password-file'?: string | undefined;
  readonly 'dial-timeout'?: number | undefined;
}

/** Every user of the machine can read what is on a command line. The password is not repeated in the error. */
function parseUser(text: string): string {
  if (!text.includes(':')) return text;
  throw new InputError('a password has no place on a command line, where every process can read it', {
    where: '--user',
    hint: 'give only the name, and the password with --password-file FILE or in the environment variable ETCDPERF_PASSWORD',
  });
}
