import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { contract } from './apps/dashboard/src/contract/plugin.js';

// Also handed to Node itself: `import` must not be named, or packages that are required give their ES modules instead.
const source = { conditions: ['source', 'module', 'node', 'default'] };

// Upper bounds, for a machine that is busy with something else: nobody waits for them where all is well.
const patient = { testTimeout: 30_000, hookTimeout: 60_000, expect: { poll: { timeout: 15_000 } } };

export default defineConfig({
  test: {
    passWithNoTests: false,
    // Of its own accord it would run a file at a time on two cores; most of the servers' tests wait more than they compute.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        resolve: source,
        ssr: { resolve: source },
        test: {
          name: 'core',
          include: ['libs/{contracts,detection,sdk}/src/**/*.spec.ts', 'test/*.spec.ts', 'test/{scenarios,traffic}/**/*.spec.ts'],
          ...patient,
        },
      },
      {
        resolve: source,
        ssr: { resolve: source },
        test: {
          name: 'servers',
          include: [
            'libs/storage/src/**/*.spec.ts',
            'apps/{ingest,worker,admin,cli,demo}/src/**/*.spec.ts',
            'test/security/**/*.spec.ts',
          ],
          globalSetup: ['test/setup/stores.ts'],
          ...patient,
        },
      },
      {
        plugins: [contract],
        test: { name: 'dashboard', include: ['apps/dashboard/src/**/*.spec.{ts,tsx}'], environment: 'happy-dom', ...patient },
      },
      {
        resolve: source,
        ssr: { resolve: source },
        test: {
          name: 'product',
          include: ['test/{e2e,chaos}/**/*.spec.ts'],
          fileParallelism: false,
          // After all others: it drives the whole product, and a busy machine would only blur what it shows.
          sequence: { groupOrder: 1 },
          ...patient,
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
