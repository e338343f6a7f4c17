import { relative } from 'node:path';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** Says at the end of a run which tests with real programs were left out, and for want of what; then the counts, on one plain line. */
export class LeftOut implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const lines = modules.flatMap((module) => Array.from(module.children.allTests('skipped'), leftOut));
    const [passed, failed, skipped] = (['passed', 'failed', 'skipped'] as const).map((state) =>
      modules.reduce((sum, module) => sum + [...module.children.allTests(state)].length, 0),
    );
    const broken = modules.reduce((sum, module) => sum + module.errors().length, unhandledErrors.length);
    lines.push(`${passed} passed, ${(failed ?? 0) + broken} failed${skipped === 0 ? '' : `, ${skipped} left out`}\n`);
    process.stdout.write(lines.join(''));
  }
}

function leftOut(test: TestCase): string {
  const result = test.result();
  const note = result.state === 'skipped' ? result.note : undefined;
  return `left out: ${relative(process.cwd(), test.module.moduleId)}: ${note ?? test.fullName}\n`;
}
