import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { assemble } from '../assemble.ts';
import { reloads, restarts, VARIABLES } from '../controls.ts';
import { UID } from '../names.ts';
import { exporters } from '../promql.ts';
import { deadline, failures, faults, latencyError, results, scrapeTime } from './probing.ts';
import { configurations, files, inFlight, loopLag, memory, processor } from './process.ts';
import { tiles } from './tiles.ts';

export function exporter(): Dashboard {
  const { dataSource, exporterJob, exporterLocation, instance } = VARIABLES;
  return assemble({
    uid: UID.exporter,
    title: 'Ports / Exporter',
    description: 'Whether the exporters themselves are well: how much they probe, how exact they are, what they use.',
    variables: [dataSource, exporterJob, exporterLocation, instance],
    annotations: [restarts(exporters), reloads()],
    head: tiles(),
    sections: [
      { id: 100, title: 'Probes', panels: [results(), failures(), faults()] },
      {
        id: 101,
        title: 'Accuracy',
        panels: [latencyError(), scrapeTime(), deadline(), loopLag(), inFlight(), configurations()],
      },
      { id: 102, title: 'Process', panels: [processor(), memory(), files()] },
    ],
  });
}
