import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HpackError, HpackTable } from './hpack-decoder.ts';
import { RequestHeaders, type RpcMethod } from './request-headers.ts';

const pairs = (fields: readonly { name: string; value: string }[]) =>
  fields.map(({ name, value }) => `${name}: ${value}`);

function decodeAll(blocks: readonly string[]) {
  let table = HpackTable.empty();
  return blocks.map((hex) => {
    const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    const block = table.decode(bytes, 0, bytes.length);
    table = block.after;
    return { fields: pairs(block.fields), table: pairs(table.entries), size: table.size };
  });
}

describe('RFC 7541 appendix C', () => {
  test.each([
    [
      'C.2.1, literal with indexing',
      '400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572',
      'custom-key: custom-header',
      55,
    ],
    ['C.2.2, literal without indexing', '040c 2f73 616d 706c 652f 7061 7468', ':path: /sample/path', 0],
    ['C.2.3, literal never indexed', '1008 7061 7373 776f 7264 0673 6563 7265 74', 'password: secret', 0],
    ['C.2.4, indexed', '82', ':method: GET', 0],
  ])('%s', (_name, hex, field, size) => {
    expect(decodeAll([hex])).toMatchObject([{ fields: [field], size }]);
  });

  const requests = [
    {
      hex: '8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
      huffman: '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff',
      size: 57,
    },
    { hex: '8286 84be 5808 6e6f 2d63 6163 6865', huffman: '8286 84be 5886 a8eb 1064 9cbf', size: 110 },
    {
      hex: '8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65',
      huffman: '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf',
      size: 164,
    },
  ];
  test.each(['hex', 'huffman'] as const)('C.3 and C.4, three requests: %s', (kind) => {
    const decoded = decodeAll(requests.map((request) => request[kind]));
    expect(decoded.map(({ size }) => size)).toEqual(requests.map(({ size }) => size));
    expect(decoded[2]?.fields).toEqual([
      ':method: GET',
      ':scheme: https',
      ':path: /index.html',
      ':authority: www.example.com',
      'custom-key: custom-value',
    ]);
    expect(decoded[2]?.table).toEqual([
      'custom-key: custom-value',
      'cache-control: no-cache',
      ':authority: www.example.com',
    ]);
  });

  test('C.6, responses with Huffman codes and eviction', () => {
    // The appendix uses a table of 256 octets, so the first block begins with that size.
    const decoded = decodeAll([
      '3fe101 4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3',
      '4883 640e ffc1 c0bf',
      '88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07',
    ]);
    expect(decoded.map(({ size }) => size)).toEqual([222, 222, 215]);
    expect(decoded[2]?.table).toEqual([
      'set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1',
      'content-encoding: gzip',
      'date: Mon, 21 Oct 2013 20:13:22 GMT',
    ]);
  });
});

test.each([
  ['an index beyond the tables', 'ff 20'],
  ['index 0', '80'],
  ['a string past the end', '40 05 61'],
  ['an endless integer', 'ff ff ff ff ff ff ff ff 01'],
  ['a table larger than allowed', '3f e2 ff 7f'],
  ['a size update after a field', '82 20'],
  ['Huffman padding of zeros', '00 81 00 00'],
  ['the Huffman end mark', '00 84 ff ff ff ff 00'],
])('refuses %s', (_name, hex) => {
  expect(() => decodeAll([hex])).toThrow(HpackError);
});

test('refuses a block that blows up', () => {
  const big = Buffer.concat([Buffer.from([0x40, 0x01, 0x61, 0x7f, 0x81, 0x1e]), Buffer.alloc(3968, 'x')]);
  const bomb = Buffer.concat([big, Buffer.alloc(1000, 0xbe)]);
  expect(() => HpackTable.empty().decode(bomb, 0, bomb.length)).toThrow('too long');
});

test('whatever arrives is fields or an HpackError, and remembering changes nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 }), (blocks) => {
      const shared = HpackTable.empty();
      const run = (root: HpackTable) => {
        let table = root;
        const seen: string[][] = [];
        // One buffer for all, as in a connection.
        const buffer = Buffer.alloc(40);
        for (const block of blocks) {
          buffer.set(block);
          try {
            const decoded = table.decode(buffer, 0, block.length);
            table = decoded.after;
            seen.push(pairs(decoded.fields));
          } catch (error) {
            if (!(error instanceof HpackError)) throw error;
            seen.push([error.message]);
          }
        }
        return [seen, pairs(table.entries)];
      };
      expect(run(shared)).toEqual(run(shared));
      expect(run(shared)).toEqual(run(HpackTable.empty()));
    }),
  );
});

test('requests decode to what they say, in any order, with any table size', () => {
  const methods: RpcMethod[] = Array.from({ length: 60 }, (_, index) => ({
    path: `/service.Name/${'Method'.repeat(index % 9)}${index}`,
    requiresLeader: index % 2 === 0,
  }));
  const step = fc.oneof(
    fc.nat(59).map((method) => ({ method })),
    fc.constantFrom(0, 100, 300, 4096, 65_536).map((resize) => ({ resize })),
    fc.stringMatching(/^[a-z.0-9]{1,200}$/).map((token) => ({ token })),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let headers = RequestHeaders.create({ scheme: 'http', authority: 'host:1' }, 4096, true);
      let table = HpackTable.empty();
      let token: string | undefined;
      for (const action of steps) {
        if ('resize' in action) headers = headers.resized(action.resize);
        else if ('token' in action) {
          token = action.token;
          headers = headers.withToken(token);
        } else {
          const method = methods[action.method]!;
          const { bytes, after } = headers.block(method);
          headers = after;
          const decoded = table.decode(bytes, 0, bytes.length);
          table = decoded.after;
          expect(pairs(decoded.fields)).toEqual([
            ':method: POST',
            ':scheme: http',
            `:path: ${method.path}`,
            ':authority: host:1',
            'content-type: application/grpc',
            'te: trailers',
            ...(token === undefined ? [] : [`token: ${token}`]),
            ...(method.requiresLeader ? ['hasleader: true'] : []),
          ]);
        }
      }
    }),
  );
});
