import { configDefaults, defineConfig } from 'vitest/config';

const conditions = ['etcdperf-source', 'node', 'import', 'module', 'default'];
const KUBERNETES = '**/*.kubernetes.test.ts';

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    testTimeout: 60_000,
    hookTimeout: 120_000,
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
          testTimeout: 120_000,
        },
      },
    ],
  },
});
