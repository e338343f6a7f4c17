import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { assemble } from '../assemble.ts';
import { firingAlerts, restarts, VARIABLES } from '../controls.ts';
import { UID } from '../names.ts';
import { everywhere } from '../promql.ts';
import { downtime, everyTarget, flapping, outages, reasons } from './history.ts';
import { distribution, phases, quantiles, slowest } from './latency.ts';
import { alerts, certificates, versions } from './lists.ts';
import { status } from './status.ts';
import { tiles } from './tiles.ts';

export function overview(): Dashboard {
  const { dataSource, job, location, group, service, targets } = VARIABLES;
  return assemble({
    uid: UID.overview,
    title: 'Ports / Overview',
    description: 'What is down, why, since when, and how often. A click on a target leads to its own dashboard.',
    variables: [dataSource, job, location, group, service, targets],
    annotations: [
      firingAlerts('job=~"$job", group=~"$group", service=~"$service", target=~"$target|"'),
      restarts(everywhere),
    ],
    head: [...tiles(), outages(), status()],
    sections: [
      { id: 100, title: 'Latency', panels: [quantiles(), phases(), distribution(), slowest()] },
      { id: 101, title: 'Downtime and flapping', panels: [downtime(), flapping(), reasons()] },
      { id: 102, title: 'Certificates and alerts', panels: [certificates(), alerts()] },
      { id: 103, title: 'Every target', collapsed: true, panels: [everyTarget(), versions()] },
    ],
  });
}
