import { expect } from 'vitest';
import { needs } from '../helpers/programs.ts';
import { only, promtool, testFile, writeTests } from './rules-promtool.ts';
import { DOWN_SCENARIOS } from './rules-scenarios.ts';

for (const [what, scenarios] of Object.entries(DOWN_SCENARIOS)) {
  needs('promtool')(`PortDown: ${what}`, async (stage) => {
    stage.write('port.rules.yml', only(['port']));
    const files = writeTests(stage.directory, { 'scenarios.test.yml': testFile(scenarios(), 'port.rules.yml') });
    expect(await promtool(files)).toBe('');
  });
}
