import { expect, test } from 'vitest';
import { InputError } from '../errors/index.ts';
import { endpointUrl, parseEndpoints } from './endpoint-url.ts';

test.each([
  ['10.0.0.1:2379', ['http://10.0.0.1:2379']],
  ['http://a:80, https://b:443', ['http://a:80', 'https://b:443']],
  ['http://a', ['http://a:2379']],
  ['http://[::1]:2379/', ['http://[::1]:2379']],
  ['a:1,http://a:1', ['http://a:1']],
])('endpoints %s', (text, endpoints) => {
  expect(parseEndpoints(text)).toEqual(endpoints);
});

test('every wrong endpoint is named, none is dropped', () => {
  const error = (() => {
    try {
      parseEndpoints('ftp://a:1,b:2,http://c:1/path,d:99999,u:p@e:1');
    } catch (thrown) {
      return thrown as InputError;
    }
    return undefined;
  })();
  expect(error).toBeInstanceOf(InputError);
  expect(error?.problems.map((problem) => problem.message)).toEqual([
    "'ftp://a:1' is no endpoint",
    "'http://c:1/path' is no endpoint",
    "'d:99999' is no endpoint",
    "'u:p@e:1' is no endpoint",
  ]);
  expect(() => parseEndpoints(' , ')).toThrow('no endpoints');
});

test('IPv6 addresses are bracketed', () => {
  expect(endpointUrl(true, 'fd00::1', 2379)).toBe('https://[fd00::1]:2379');
  expect(endpointUrl(false, 'node1', 2379)).toBe('http://node1:2379');
});
