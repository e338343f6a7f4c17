import {
  AnnotationQueryBuilder,
  type DashboardLink,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { COLOR, DATA_SOURCE, UID } from './names.ts';
import { exporters, type Scope } from './promql.ts';

type Variable = {
  readonly name: string;
  readonly label: string;
  readonly query: string;
  readonly description?: string;
  /** Several at a time, and what "All" stands for: `.*` also finds series without the label, `listed` only what was looked up. */
  readonly all?: '.+' | '.*' | 'listed';
};

function variable({ name, label, query, description, all }: Variable): QueryVariableBuilder {
  const built = new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATA_SOURCE)
    .query({ query, refId: `variable-${name}`, qryType: 1 })
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalCaseInsensitiveAsc);
  if (description !== undefined) built.description(description);
  if (all === undefined) return built.multi(false).includeAll(false);
  built
    .multi(true)
    .includeAll(true)
    .current({ text: ['All'], value: ['$__all'] });
  return all === 'listed' ? built : built.allValue(all);
}

function labelOf(label: string, ...matchers: readonly string[]): string {
  return `label_values(probe_duration_seconds{${matchers.join(', ')}}, ${label})`;
}

const JOB = 'job=~"$job"';
const PLACE = 'location=~"$location"';
const GROUP = 'group=~"$group"';
const SERVICE = 'service=~"$service"';
const IN_PLACES = 'Where it was probed from, if there are several exporters';

/** In the order in which they are looked up: each may use those before it. */
export const VARIABLES = {
  dataSource: new DatasourceVariableBuilder('datasource')
    .label('Data source')
    .type('prometheus')
    .description('The Prometheus that scrapes the exporter'),
  // Every series of Prometheus has a job: "All" must not be any of them.
  job: variable({ name: 'job', label: 'Job', query: labelOf('job', 'target!=""'), all: 'listed' }),
  location: variable({
    name: 'location',
    label: 'Location',
    query: labelOf('location', JOB),
    description: IN_PLACES,
    all: '.*',
  }),
  group: variable({ name: 'group', label: 'Group', query: labelOf('group', JOB, PLACE), all: '.*' }),
  service: variable({ name: 'service', label: 'Service', query: labelOf('service', JOB, PLACE, GROUP), all: '.*' }),
  targets: variable({
    name: 'target',
    label: 'Target',
    query: labelOf('target', JOB, PLACE, GROUP, SERVICE),
    all: '.+',
  }),
  target: variable({ name: 'target', label: 'Target', query: labelOf('target', JOB, PLACE) }),
  exporterJob: variable({
    name: 'job',
    label: 'Job',
    query: 'label_values(port_exporter_build_info, job)',
    all: 'listed',
  }),
  exporterLocation: variable({
    name: 'location',
    label: 'Location',
    query: `label_values(port_exporter_build_info{${JOB}}, location)`,
    description: IN_PLACES,
    all: '.*',
  }),
  instance: variable({
    name: 'instance',
    label: 'Exporter',
    query: `label_values(port_exporter_build_info{${JOB}, ${PLACE}}, instance)`,
    all: '.+',
  }),
} as const;

const KEPT = '${datasource:queryparam}&${job:queryparam}&${location:queryparam}';

/** All dashboards, at the right of the title. They keep what all have: "All" targets, or one of many, would mean nothing elsewhere. */
export function siblings(): DashboardLinkBuilder[] {
  return Object.entries({ Overview: UID.overview, Target: UID.target, Exporter: UID.exporter }).map(([title, uid]) =>
    new DashboardLinkBuilder(title)
      .type(DashboardLinkType.Link)
      .url(`/d/${uid}?${KEPT}`)
      .icon('dashboard')
      .includeVars(false)
      .keepTime(true)
      .targetBlank(false),
  );
}

/** A click leads to the target of this series or row, with the same data source and time. */
export function toTarget(from: 'series' | 'row'): DashboardLinkBuilder {
  const field = from === 'series' ? '__field.labels.target' : '__data.fields.Address';
  return new DashboardLinkBuilder('Open the target')
    .url(`/d/${UID.target}?var-target=\${${field}:percentencode}&${KEPT}&\${__url_time_range}`)
    .targetBlank(false);
}

/** The type of dashboard links has more than a link in a table may have. */
export function inTable(link: DashboardLinkBuilder): Required<Pick<DashboardLink, 'title' | 'url' | 'targetBlank'>> {
  const { title, url = '', targetBlank } = link.build();
  return { title, url, targetBlank };
}

/** One mark for each alert that fires; `matchers` say for which targets. */
export function firingAlerts(matchers: string): AnnotationQueryBuilder {
  return mark('Firing alerts', COLOR.bad)
    .expr(`max by (alertname, name, target, severity) (${firing(matchers)})`)
    .titleFormat('{{alertname}}')
    .textFormat('{{name}} {{target}}')
    .tagKeys('severity');
}

/** Alerts of severity none are no news: they hold others back, or show that alerting works. */
export function firing(matchers: string): string {
  return `ALERTS{alertstate="firing", severity!="none", ${matchers}}`;
}

export function restarts(of: Scope): AnnotationQueryBuilder {
  return mark('Exporter started', COLOR.mark)
    .expr(inRange(of('process_start_time_seconds')))
    .useValueForTime(true)
    .titleFormat('Exporter started')
    .textFormat('{{instance}}');
}

export function reloads(): AnnotationQueryBuilder {
  return mark('Configuration loaded', COLOR.ok)
    .expr(inRange(exporters('port_exporter_config_last_reload_success_timestamp_seconds')))
    .useValueForTime(true)
    .titleFormat('Configuration loaded')
    .textFormat('{{instance}}');
}

/** The value is the moment: it is found however rarely one looks, and however long there was nothing to see. */
function inRange(seconds: string): string {
  return `${seconds} * 1000 > $__from`;
}

function mark(name: string, color: string): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name(name)
    .datasource(DATA_SOURCE)
    .enable(true)
    .iconColor(color)
    .step('60s')
    .useValueForTime(false);
}
