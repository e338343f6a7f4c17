import { label } from '../../src/exposition/text.ts';
import { END } from './history-model.ts';

/** When the other program was started anew, in seconds before the end. */
const RESTARTED = 5400;

/** What Prometheus has of programs that are no exporters of ports: one cannot be scraped, one uses much, and there is an alert. */
export function foreignAt(time: number): string {
  const running = END - time > RESTARTED ? time % 86_400 : RESTARTED - (END - time);
  const down = of({ job: 'node', instance: 'web1:9100' });
  const well = of({ job: 'alertmanager', instance: 'alertmanager:9093' });
  const alert = of({ alertname: 'DiskFull', alertstate: 'firing', job: 'node', severity: 'critical' });
  return [
    `up{${down}} 0`,
    `up{${well}} 1`,
    `scrape_duration_seconds{${well}} 7`,
    `process_start_time_seconds{${well}} ${time - running}`,
    `process_cpu_seconds_total{${well}} ${running * 0.9}`,
    `process_resident_memory_bytes{${well}} 9e9`,
    `process_open_fds{${well}} 1000`,
    `process_max_fds{${well}} 1024`,
    `ALERTS{${alert}} 1`,
    '',
  ].join('\n');
}

function of(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => label(name, value))
    .join(',');
}
