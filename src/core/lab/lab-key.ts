/** `ssh-ed25519`, 32 bytes, and the length of each. */
const PUBLIC_KEY_BYTES = 4 + 11 + 4 + 32;

/**
 * A key pair in OpenSSH's formats. ssh2 drops a leading zero of the public key, so that OpenSSH refuses one pair in
 * 256 ("error in libcrypto"): such a pair is thrown away.
 */
export async function newLabKey(comment: string): Promise<{ readonly private: string; readonly public: string }> {
  // Every command looks for a running lab: those that make none must not pay for it (10 MB, most of it WebAssembly).
  const { default: ssh2 } = await import('ssh2');
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment });
    const [, blob = ''] = pair.public.split(' ');
    if (Buffer.from(blob, 'base64').length === PUBLIC_KEY_BYTES) return pair;
  }
}
