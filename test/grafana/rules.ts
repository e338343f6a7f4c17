import type { Dashboard, Finding } from './model.ts';
import type { Context, Report } from './report.ts';
import { checkDashboard } from './rules-dashboard.ts';
import { checkLinks } from './rules-links.ts';
import { checkPanels } from './rules-panels.ts';
import { checkQueries } from './rules-queries.ts';
import { checkVariables } from './rules-variables.ts';

/** Everything that is wrong with a dashboard, as far as it can be seen without data. */
export function lint(dashboard: Dashboard, context: Context): Finding[] {
  const findings: Finding[] = [];
  const report: Report = (rule, where, what) => findings.push({ rule, where, what });
  checkDashboard(dashboard, report);
  checkVariables(dashboard, context, report);
  checkPanels(dashboard, report);
  checkLinks(dashboard, context, report);
  checkQueries(dashboard, context, report);
  return findings;
}
