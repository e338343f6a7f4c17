import { relative } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';

/** Says at the end of a run which tests with real programs were left out, and for want of what. */
export class LeftOut implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const lines = modules.flatMap((module) => {
      const file = relative(process.cwd(), module.moduleId);
      return Array.from(module.children.allTests('skipped'), (test) => {
        const result = test.result();
        const note = result.state === 'skipped' ? result.note : undefined;
        return note?.startsWith('needs ') ? `left out: ${file}: ${note}\n` : '';
      });
    });
    process.stdout.write(lines.join(''));
  }
}
