import type { CoverageFacts } from '../probe/coverage-watch.ts';
import { type Format, heading, label, sample } from './text.ts';

const UNMONITORED = {
  name: 'port_exporter_unmonitored_listeners',
  type: 'gauge',
  help: 'Addresses and ports of this machine where something listens on TCP that no target watches.',
};
const INFO = {
  name: 'port_exporter_unmonitored_listener_info',
  type: 'gauge',
  help: 'The first hundred of them, each with the process that listens, where that may be known.',
};
const SILENT = {
  name: 'port_exporter_silent_targets',
  type: 'gauge',
  help: 'Configured targets on this machine where nothing listens, and something should.',
};

/** What of this machine is watched, as metrics of the exporter's own. */
export function renderCoverage({ unmonitored, listed, silent }: CoverageFacts, format: Format): string {
  const lines = listed.map(({ address, process }) =>
    sample(INFO.name, `${label('address', address)},${label('process', process)}`, 1),
  );
  return [
    heading(UNMONITORED, format) + sample(UNMONITORED.name, '', unmonitored),
    lines.length === 0 ? '' : heading(INFO, format) + lines.join(''),
    heading(SILENT, format) + sample(SILENT.name, '', silent),
  ].join('');
}
