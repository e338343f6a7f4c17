import { referencesIn } from './interpolation.ts';
import { type Dashboard, linksOf, panelsOf } from './model.ts';
import type { Context, Report } from './report.ts';

/** Links from panels to other dashboards, and those at the top. */
export function checkLinks(dashboard: Dashboard, { uids }: Context, report: Report): void {
  const variables = new Set(dashboard.templating.list.map(({ name }) => name));
  checkSiblings(dashboard, uids, variables, report);
  for (const panel of panelsOf(dashboard))
    for (const { url = '' } of linksOf(panel))
      for (const [rule, what] of wrongWith(url, uids, variables)) report(rule, panel.title ?? '', what);
}

/** Not every variable means the same everywhere: "All" targets, or one of many, is no target of the dashboard for one. */
function checkSiblings(
  { links = [] }: Dashboard,
  uids: ReadonlySet<string>,
  variables: ReadonlySet<string>,
  report: Report,
): void {
  for (const uid of uids)
    if (!links.some(({ url = '' }) => url.startsWith(`/d/${uid}?`))) report('siblings', uid, 'no way there');
  for (const { title = '', url = '', includeVars, keepTime } of links) {
    if (includeVars === true) report('link-variables', title, 'takes every variable along, "All" targets as well');
    const all = keepTime === true ? `${url}&\${__url_time_range}` : url;
    for (const [rule, what] of wrongWith(all, uids, variables)) report(rule, title, what);
  }
}

function wrongWith(
  url: string,
  uids: ReadonlySet<string>,
  variables: ReadonlySet<string>,
): (readonly [rule: string, what: string])[] {
  const [, uid = ''] = /^\/d\/([\w-]+)/.exec(url) ?? [];
  const unknown = referencesIn(url).filter((name) => !name.startsWith('__') && !variables.has(name));
  const values = Array.from(url.matchAll(/\$\{__(?:field|data)[^}]*\}/g), ([value]) => value);
  const plain = values.filter((value) => !value.endsWith(':percentencode}'));
  const lost = ['${__url_time_range}', '${datasource:queryparam}'].filter((kept) => !url.includes(kept));
  return [
    ...(uids.has(uid) ? [] : [['link-target', `there is no dashboard "${uid}"`] as const]),
    ...lost.map((one) => ['link-keeps', `${one} is lost`] as const),
    ...unknown.map((name) => ['link-variable', `there is no variable $${name}`] as const),
    ...plain.map((value) => ['link-encoding', `${value} may have any character`] as const),
  ];
}
