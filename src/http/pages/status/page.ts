import { contentSecurityPolicy, escapeHtml } from '../html.ts';
import { linkTo, type Sort, STANDINGS, type StatusQuery } from './query.ts';
import { COLUMNS, renderRow, WORDS } from './row.ts';
import { type Row, type Shown, select } from './rows.ts';
import { SCRIPT } from './script.ts';
import { type Self, scrapeConfig } from './snippet.ts';
import { STYLE } from './style.ts';

/** What the status page shows. `now` in milliseconds since 1970. */
export type StatusView = {
  readonly rows: Iterable<Row>;
  readonly query: StatusQuery;
  readonly now: number;
  readonly version: string;
  readonly prefix: string;
  readonly self: Self;
};

/** Sent with the page: nothing but its own style and script, and itself asked again. */
export const STATUS_POLICY = contentSecurityPolicy(STYLE, SCRIPT);

/** The status page, in pieces, some of them empty: what needs attention first. It works without its script. */
export function* renderStatus(view: StatusView): Generator<string> {
  const { rows, query, now, version, prefix } = view;
  const shown = yield* select(rows, query);
  const { overall, total } = shown;
  yield head(`${overall.down} down, ${overall.up} up of ${total}`, prefix);
  if (total === 0)
    yield '<main><p>No targets are configured: this exporter answers <code>/probe?target=host:port</code>.</p>';
  else {
    yield* filter(query, shown);
    yield `<main>${tally(query, shown)}`;
    yield tableHead(query);
    for (const row of shown.rows) {
      const probe = `${prefix}/probe?${new URLSearchParams({ target: row.target.name, debug: 'true' })}`;
      yield renderRow(row, shown.causes(row), probe, now);
    }
    yield `</tbody></table>${shown.found === 0 ? '<p>No target fits. <a id="all" href="?">Show all</a></p>' : ''}${pages(query, shown)}`;
  }
  yield `</main>\n${snippet(view)}<dialog aria-label="Probe"><pre tabindex="0"></pre><form method="dialog"><button>Close</button></form></dialog>\n`;
  yield `<footer class="quiet">port-exporter ${escapeHtml(version)}. Targets are probed when Prometheus scrapes; this page shows the last results.</footer>\n`;
  yield `<script>${SCRIPT}</script></body></html>\n`;
}

function head(summary: string, prefix: string): string {
  const links = [
    ['metrics', 'Metrics'],
    ['sd', 'Service discovery'],
    ['config', 'Configuration'],
  ].map(([path, text]) => `<a href="${escapeHtml(prefix)}/${path}">${text}</a>`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${summary} - port-exporter</title><style>${STYLE}</style></head>
<body><header><h1>port-exporter: <span class="summary">${summary}</span></h1><nav aria-label="Pages">${links.join(' ')}</nav>
<span class="quiet"><span class="live" role="status"></span> <span class="when" aria-hidden="true"></span></span></header>
`;
}

function* filter({ text, group, state, sort }: StatusQuery, { groups }: Shown): Generator<string> {
  const option = (value: string, shown: string, chosen: string) =>
    `<option value="${escapeHtml(value)}"${value === chosen ? ' selected' : ''}>${escapeHtml(shown)}</option>`;
  const states = STANDINGS.map((one) => option(one, WORDS[one], state));
  yield `<form class="filter" method="get" role="search"><label>Name, address, service, reason or label
<input type="search" name="q" id="q" value="${escapeHtml(text)}" maxlength="200"></label>
<label>Group <select name="group" id="group">${option('', 'all', group)}`;
  for (const one of groups) yield option(one, one, group);
  // A bookmark may be older than the configuration: what is shown is not "all".
  if (group !== '' && !groups.includes(group)) yield option(group, `${group} (not configured)`, group);
  yield `</select></label>
<label>State <select name="state" id="state">${option('', 'all', state)}${states.join('')}</select></label>
<input type="hidden" name="sort" value="${sort}"><button>Show</button></form>
`;
}

function tally(query: StatusQuery, shown: Shown): string {
  const items = STANDINGS.filter((state) => shown.tally[state] > 0).map((state) => {
    const isChosen = query.state === state;
    const link = linkTo(query, { state: isChosen ? '' : state });
    return `<li class="${state}"><a id="n-${state}" href="${escapeHtml(link)}"${isChosen ? ' aria-current="true"' : ''}><strong>${shown.tally[state]}</strong> ${WORDS[state]}</a>`;
  });
  return `<ul class="tally">${items.join('')}</ul>\n`;
}

function tableHead(query: StatusQuery): string {
  const cells = COLUMNS.map(([sort, title]) => {
    if (sort === undefined) return `<th scope="col">${title}`;
    const isSorted = sort === query.sort;
    return `<th scope="col"${isSorted ? ` aria-sort="${directionOf(sort)}"` : ''}><a id="s-${sort}" href="${escapeHtml(linkTo(query, { sort }))}">${title}</a>`;
  });
  return `<table><caption class="quiet">Last results</caption><thead><tr>${cells.join('')}</tr></thead><tbody>\n`;
}

function directionOf(sort: Sort): 'ascending' | 'descending' {
  return sort === 'latency' || sort === 'checked' ? 'descending' : 'ascending';
}

function pages(query: StatusQuery, { page, pages: count, found }: Shown): string {
  if (count === 1) return '';
  const link = (to: number, text: string) =>
    to < 1 || to > count ? '' : `<a id="p-${text}" href="${escapeHtml(linkTo(query, { page: to }))}">${text}</a>`;
  return `<nav class="pages" aria-label="More targets">${link(page - 1, 'Previous')} page ${page} of ${count}, ${found} targets ${link(page + 1, 'Next')}</nav>\n`;
}

/** What Prometheus needs to know to scrape all of this. */
function snippet({ self, prefix }: StatusView): string {
  const text = scrapeConfig(self, prefix);
  return `<details id="scrape"><summary>Scrape it with Prometheus</summary><pre id="snippet">${escapeHtml(text)}</pre><button type="button" data-copy="snippet">Copy</button></details>\n`;
}
