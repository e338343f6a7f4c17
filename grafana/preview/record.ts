import { Asking, type PanelAnswer, type View } from '../../test/grafana/asking.ts';
import type { Choice } from '../../test/grafana/interpolation.ts';
import { committed, type NAMES } from '../../test/grafana/model.ts';
import { framesOf } from './frames.ts';

const COLLAPSED = 'row';

/** Everything that the page needs to draw a dashboard: what Prometheus says to it now. */
export async function record(
  url: string,
  scrapeInterval: number,
  name: (typeof NAMES)[number],
  view: View,
): Promise<object> {
  const dashboard = committed(name);
  const asking = new Asking(url, scrapeInterval);
  const choices = await asking.choices(dashboard, view);
  const answers: PanelAnswer[] = [];
  for (const panel of dashboard.panels.filter(({ type }) => type !== COLLAPSED))
    answers.push(await asking.panel(dashboard, panel, choices, view));
  const alerts = await asking.now('ALERTS{severity!="none"}', view.end);
  return {
    dashboard,
    chosen: dashboard.templating.list.map(({ name: variable, label }) => [label, inWords(choices[variable])]),
    from: (view.end - view.range) * 1000,
    to: view.end * 1000,
    frames: Object.fromEntries(answers.map((answer) => [answer.panel.id, framesOf(answer)])),
    alerts: alerts.map(({ metric }) => metric),
  };
}

function inWords(choice: Choice | undefined): string {
  if (choice === undefined) return '';
  return typeof choice === 'string' ? choice : 'all' in choice ? 'All' : choice.join(' + ');
}
