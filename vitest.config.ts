import { defineConfig } from 'vitest/config';
import { LeftOut } from './test/helpers/e2e-left-out.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/helpers/no-warnings.ts'],
    reporters: ['default', new LeftOut()],
    pool: 'threads',
    isolate: false,
    sequence: { shuffle: true },
    // Most take milliseconds. On a machine that is busy with the real programs of others, some have to wait for their turn.
    testTimeout: 20_000,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text', 'lcov'],
      thresholds: { lines: 85, branches: 75, functions: 85, statements: 85 },
    },
  },
});
