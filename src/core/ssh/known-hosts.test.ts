import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fingerprint, judgeKey, knownHostName, linesOfHost, parseKnownHosts } from './known-hosts.ts';

const folder = mkdtempSync(join(tmpdir(), 'etcdperf-known-'));
const file = join(folder, 'known_hosts');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const blob = (type: string, body: string) => {
  const string = (text: string) => {
    const bytes = Buffer.from(text);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  return Buffer.concat([string(type), string(body)]);
};

describe('against ssh-keygen -F', () => {
  let keys: string[] = [];
  beforeAll(() => {
    keys = ['a', 'b'].map((name) => {
      const path = join(folder, name);
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', path]);
      return execFileSync('ssh-keygen', ['-y', '-f', path]).toString().trim().split(' ').slice(0, 2).join(' ');
    });
  });

  const label = fc.constantFrom('node1', 'node2', 'node12', 'a.lab', 'b.lab', '10.0.0.1', 'NODE1');
  const host = fc.tuple(label, fc.constantFrom(22, 22, 2222)).map(([name, port]) => knownHostName(name, port));
  const pattern = fc.oneof(
    host,
    fc.constantFrom('*', 'node?', 'node*', '*.lab', '!node1', '![node1]:2222', '!*.lab', '[*]:2222', '10.0.0.*'),
  );
  const names = fc.array(pattern, { minLength: 1, maxLength: 4 }).map((list) => list.join(','));
  const line = fc.record({
    names,
    key: fc.nat({ max: 1 }),
    marker: fc.constantFrom('', '', '', '@revoked ', '@cert-authority '),
    noise: fc.constantFrom('', '', '# a comment', '   ', 'node1 ssh-ed25519', '@unknown node1 ssh-ed25519 AAAA'),
  });

  test('names the same lines, plain and hashed', () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), host, fc.boolean(), (lines, wanted, hashed) => {
        const text = lines.map((l) => `${l.noise}\n${l.marker}${l.names} ${keys[l.key]}\n`).join('');
        writeFileSync(file, text);
        if (hashed) spawnSync('ssh-keygen', ['-q', '-H', '-f', file]);
        const { stdout } = spawnSync('ssh-keygen', ['-F', wanted, '-f', file], { encoding: 'utf8' });
        const theirs = [...stdout.matchAll(/found: line (\d+)/g)].map((match) => Number(match[1]));
        const content = execFileSync('cat', [file]).toString();
        const ours = linesOfHost(parseKnownHosts(content, file), wanted).map((found) => found.line);
        expect(ours).toEqual(theirs);
      }),
      { numRuns: 120 },
    );
  });

  test('prints the same fingerprint', () => {
    const [type = '', key = ''] = keys[0]?.split(' ') ?? [];
    writeFileSync(file, `h ${type} ${key}\n`);
    expect(execFileSync('ssh-keygen', ['-lf', file]).toString()).toContain(fingerprint(key));
  });
});

describe('judging a key', () => {
  const mine = blob('ssh-ed25519', 'mine');
  const other = blob('ssh-ed25519', 'other');
  const otherType = blob('ecdsa-sha2-nistp256', 'mine');
  const line = (key: Buffer, prefix = '') => {
    const type = key.toString('latin1', 4, 4 + key.readUInt32BE(0));
    return `${prefix}h ${type} ${key.toString('base64')}`;
  };
  const judge = (...lines: string[]) => judgeKey(linesOfHost(parseKnownHosts(lines.join('\n'), 'f'), 'h'), mine);

  test.each([
    ['no line', [], 'unknown'],
    ['its line', [line(mine)], 'known'],
    ['one of several', [line(other), line(mine)], 'known'],
    ['another key', [line(other)], 'changed'],
    ['a key of another type only', [line(otherType)], 'changed'],
    ['revoked', [line(mine, '@revoked ')], 'revoked'],
    ['revoked and known', [line(mine), line(mine, '@revoked ')], 'revoked'],
    ['another one revoked', [line(mine), line(other, '@revoked ')], 'known'],
    ['a certificate authority', [line(mine, '@cert-authority ')], 'unknown'],
  ])('%s: %s', (_what, lines, kind) => {
    expect(judge(...lines).kind).toBe(kind);
  });

  test('names the line that it expected, of the same type if there is one', () => {
    expect(judge(line(otherType), line(other))).toMatchObject({ kind: 'changed', expected: { file: 'f', line: 2 } });
  });
});
