import { homedir } from 'node:os';
import { expect, test } from 'vitest';
import { cacheDir, stateDir } from './directories.ts';

test('state and cache: own variable, then XDG, then the home', () => {
  expect(stateDir({ ETCDPERF_STATE_DIR: '/a', XDG_STATE_HOME: '/b' })).toBe('/a');
  expect(stateDir({ XDG_STATE_HOME: '/b' })).toBe('/b/etcdperf');
  expect(stateDir({})).toBe(`${homedir()}/.local/state/etcdperf`);
  expect(cacheDir({ ETCDPERF_CACHE_DIR: '/a' })).toBe('/a');
  expect(cacheDir({ XDG_CACHE_HOME: '/b' })).toBe('/b/etcdperf');
  expect(cacheDir({})).toBe(`${homedir()}/.cache/etcdperf`);
});
