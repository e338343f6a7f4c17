import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { assemble } from '../assemble.ts';
import { firingAlerts, restarts, VARIABLES } from '../controls.ts';
import { UID } from '../names.ts';
import { everywhere } from '../promql.ts';
import { advice, certificate, connection, dependencies, labels } from './facts.ts';
import { failedChecks, layers, reasons, states } from './history.ts';
import { answers, bodyLength, httpPhases, statuses } from './http.ts';
import { connect, phases } from './latency.ts';
import { tiles } from './tiles.ts';

export function target(): Dashboard {
  const { dataSource, job, location } = VARIABLES;
  return assemble({
    uid: UID.target,
    title: 'Ports / Target',
    description:
      'One target: its state from everywhere, why it fails and in which layer, how long each phase takes, HTTP, certificate, dependencies.',
    variables: [dataSource, job, location, VARIABLES.target],
    annotations: [firingAlerts('job=~"$job", target="$target"'), restarts(everywhere)],
    head: [...tiles(), states(), reasons(), layers(), advice(), connection()],
    sections: [
      { id: 100, title: 'Latency', panels: [phases(), connect(), failedChecks()] },
      { id: 101, title: 'Certificate and dependencies', panels: [certificate(), dependencies()] },
      { id: 103, title: 'HTTP', panels: [answers(), statuses(), httpPhases(), bodyLength()] },
      { id: 102, title: 'Labels', collapsed: true, panels: [labels()] },
    ],
  });
}
