import { referencesIn } from './interpolation.ts';
import { type Dashboard, linksOf, panelsOf } from './model.ts';
import type { Context, Report } from './report.ts';

/** Links from panels to other dashboards. */
export function checkLinks(dashboard: Dashboard, { uids }: Context, report: Report): void {
  const variables = new Set(dashboard.templating.list.map(({ name }) => name));
  for (const panel of panelsOf(dashboard)) {
    const where = panel.title ?? '';
    for (const { url = '' } of linksOf(panel)) {
      const [, uid = ''] = /^\/d\/([\w-]+)/.exec(url) ?? [];
      if (!uids.has(uid)) report('link-target', where, `there is no dashboard "${uid}"`);
      if (!url.includes('${__url_time_range}')) report('link-keeps', where, 'the time range is lost');
      if (!url.includes('${datasource:queryparam}')) report('link-keeps', where, 'the data source is lost');
      for (const name of referencesIn(url).filter((one) => !one.startsWith('__')))
        if (!variables.has(name)) report('link-variable', where, `there is no variable $${name}`);
      for (const [value] of url.matchAll(/\$\{__(?:field|data)[^}]*\}/g))
        if (!value.endsWith(':percentencode}')) report('link-encoding', where, `${value} may have any character`);
    }
  }
}
