import { expect } from 'vitest';
import { needs } from '../helpers/programs.ts';
import { PLANNED_SCENARIOS } from './rules-planned-scenarios.ts';
import { only, promtool, testFile, writeTests } from './rules-promtool.ts';
import { WAYS } from './rules-scrapes.ts';

for (const [what, scenarios] of Object.entries(PLANNED_SCENARIOS)) {
  needs('promtool')(`maintenance windows ${what}`, async (stage) => {
    stage.write('port.rules.yml', only(['port', 'port-exporter']));
    const texts = WAYS.map((way) => [`${way}.test.yml`, testFile(scenarios(way), 'port.rules.yml')] as const);
    expect(await promtool(writeTests(stage.directory, Object.fromEntries(texts)))).toBe('');
  });
}
