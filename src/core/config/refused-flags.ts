const OWN_FLAGS: Readonly<Record<string, string>> = {
  name: 'members',
  'data-dir': 'dataDir',
  'wal-dir': 'dataDir',
  'config-file': 'flags',
  'listen-client-urls': 'ports',
  'listen-peer-urls': 'ports',
  'advertise-client-urls': 'ports',
  'initial-advertise-peer-urls': 'ports',
  'initial-cluster': 'members',
  'initial-cluster-state': 'members',
  'initial-cluster-token': "the cluster's name",
  discovery: 'members',
  'discovery-endpoints': 'members',
  'discovery-srv': 'members',
  'discovery-token': 'members',
  'cert-file': 'tls',
  'key-file': 'tls',
  'trusted-ca-file': 'tls',
  'client-cert-auth': 'tls',
  'auto-tls': 'tls',
  'peer-cert-file': 'tls',
  'peer-key-file': 'tls',
  'peer-trusted-ca-file': 'tls',
  'peer-client-cert-auth': 'tls',
  'peer-auto-tls': 'tls',
};

/** Why a flag can't be given in an inventory, or undefined where it can. */
export function refusedFlag(flag: string): { message: string; hint: string | undefined } | undefined {
  if (flag.startsWith('-')) {
    return { message: 'flags are written without dashes', hint: `${flag.replace(/^-+/, '')}: …` };
  }
  if (flag.includes('=') || !/^[a-z][a-z0-9-]*$/.test(flag)) {
    return { message: 'not the name of an etcd flag', hint: "a flag and its value: 'heartbeat-interval: 100'" };
  }
  const from = OWN_FLAGS[flag];
  return from === undefined
    ? undefined
    : { message: 'etcdperf sets this flag itself', hint: `it follows from ${from}` };
}
