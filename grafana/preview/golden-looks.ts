import { END, GAP } from '../../test/grafana/history-model.ts';
import type { NAMES } from '../../test/grafana/model.ts';
import type { Look } from './golden-text.ts';

const DAY = 86_400;
/** Longer than Prometheus takes the last sample for the present one. */
const SCRAPE_FAILS = END - GAP.to - 90;
/** The checks of the target that flaps time out. */
const FLAPS = END - 5 * 3600 - 24 * 60;
const NOW = ['stat', 'table', 'state-timeline', 'bargauge'];

const WHOLE = { title: 'everything', end: END, range: DAY };
const NO_SCRAPE = { title: 'while an exporter cannot be scraped', end: SCRAPE_FAILS, range: DAY, only: NOW };
const NOTHING = { title: 'before there was anything', end: END - 10 * DAY, range: DAY };

function target(title: string, address: string, more: Partial<Look> = {}): Look {
  return { title, end: END, range: DAY, choices: { target: address }, ...more };
}

/** What is written down of each dashboard. */
export const LOOKS: Readonly<Record<(typeof NAMES)[number], readonly Look[]>> = {
  overview: [WHOLE, NO_SCRAPE, NOTHING],
  target: [
    target('up, from two places', 'shop.example.com:443'),
    target('down for some', '10.0.0.9:8080'),
    target('refuses connections', 'db-2.internal:5432', { only: NOW }),
    target('cannot be probed', 'cache-2.internal:6379', { only: NOW }),
    target('its scrape fails', 'scale.example.net:9000', { only: NOW }),
    target('of another job, with the name of the next one', 'db.example.net:5432', { only: NOW }),
    target('needed by another', 'db-1.internal:5432', { only: NOW }),
    target('the certificate has expired', 'old.example.com:443', { only: NOW }),
    target('flaps, and is down', 'mail.example.com:993', { end: FLAPS }),
    target('HTTP, from two places: what it depends on is down', 'reports.example.com:443'),
    target('HTTP, the page has changed', 'kiosk.example.net:80', { only: NOW }),
    target('HTTP in the manner of blackbox_exporter, too slow', 'webmail.example.com:443', {
      ...{ choices: { target: 'webmail.example.com:443', job: 'legacy_ports' }, only: NOW },
    }),
    target('before there was anything', 'shop.example.com:443', { end: END - 10 * DAY }),
  ],
  exporter: [WHOLE, NO_SCRAPE, NOTHING],
};
