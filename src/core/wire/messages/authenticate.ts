import type { ProtoReader, ProtoWriter } from '../protobuf/index.ts';

export function writeAuthenticate(writer: ProtoWriter, credentials: { user: string; password: string }): void {
  writer.bytes(1, credentials.user).bytes(2, credentials.password);
}

/** The token of an AuthenticateResponse. */
export function readToken(reader: ProtoReader): string {
  let token = '';
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 2) token = reader.text();
    else reader.skip();
  }
  return token;
}
