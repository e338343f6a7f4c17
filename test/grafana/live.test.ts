import { expect } from 'vitest';
import { needs } from '../helpers/programs.ts';
import { judge } from './answers.ts';
import { Asking } from './asking.ts';
import { marksOf, wrongCases } from './cases.ts';
import { RESTART } from './history-model.ts';
import { startLoadedPrometheus } from './loaded-prometheus.ts';
import { committed } from './model.ts';
import { SCENARIOS } from './scenarios.ts';

needs('prometheus', 'promtool')(
  'Prometheus answers every query of every dashboard, whatever is chosen, soon, and with something where there is something',
  async (stage) => {
    const asking = new Asking(await startLoadedPrometheus(stage));
    const wrong: object[] = [];
    let queries = 0;
    for (const { dashboard: name, title, full = false, ...view } of SCENARIOS) {
      const dashboard = committed(name);
      for (const answered of await asking.dashboard(dashboard, view)) {
        queries += answered.answers.length;
        wrong.push(...judge(answered, full).map((finding) => ({ name, title, ...finding })));
      }
      queries += (await asking.annotations(dashboard, view)).length;
    }
    expect(wrong).toEqual([]);
    expect(queries).toBeGreaterThan(400);
    expect(await wrongCases(asking)).toEqual([]);
    // The exact moment, though Grafana looks every quarter of an hour only.
    for (const mark of ['Exporter started', 'Configuration loaded'])
      expect(await marksOf(asking, 'exporter', mark)).toEqual([`10.1.0.5:9715 ${RESTART}`]);
  },
);
