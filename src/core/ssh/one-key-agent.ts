import ssh2 from 'ssh2';

/** An agent that is asked for one key only: other keys in it would use up the server's tries (MaxAuthTries). */
export class OneKeyAgent extends ssh2.OpenSSHAgent {
  readonly #publicKey: Buffer;

  constructor(socket: string, publicKey: Buffer) {
    super(socket);
    this.#publicKey = publicKey;
  }

  override getIdentities(callback: Parameters<ssh2.OpenSSHAgent['getIdentities']>[0]): void {
    super.getIdentities((error, keys) => {
      const same = (key: unknown) => {
        // Which of the forms it is depends on the agent implementation.
        const parsed = ssh2.utils.parseKey(key as Buffer);
        return !(parsed instanceof Error) && blobOf(parsed).equals(this.#publicKey);
      };
      if (error) callback(error);
      else callback(undefined, keys?.filter(same));
    });
  }
}

function blobOf(key: ssh2.ParsedKey | ssh2.ParsedKey[]): Buffer {
  return (Array.isArray(key) ? key[0]! : key).getPublicSSH();
}
