import { configDefaults, defineConfig } from 'vitest/config';

const conditions = ['etcdperf-source', 'node', 'import', 'module', 'default'];
/** Given to node too, which knows its own: with `import` among them it would require() ES modules. */
const nodeConditions = ['etcdperf-source', 'node'];
const KUBERNETES = '**/*.kubernetes.test.ts';

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions: nodeConditions, externalConditions: nodeConditions } },
  test: {
    // A hang shows later; a test that waits for a slow machine is no failure.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    teardownTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'default',
          include: ['src/**/*.test.ts', 'plugins/*/src/**/*.test.ts', 'test/{e2e,contract}/**/*.test.ts'],
          exclude: [...configDefaults.exclude, KUBERNETES],
        },
      },
      {
        extends: true,
        test: {
          name: 'kubernetes',
          include: [`{src,plugins/*/src}/${KUBERNETES}`, `test/{e2e,contract}/${KUBERNETES}`],
          globalSetup: ['test/kubernetes-lab.setup.ts'],
          testTimeout: 180_000,
        },
      },
    ],
  },
});
