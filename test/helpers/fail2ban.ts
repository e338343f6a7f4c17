import { runWell } from './e2e-program.ts';

/** How many lines of a log a filter of fail2ban's own would ban for, such as "postfix[mode=ddos]". Needs `fail2ban-regex`. */
export async function held(logFile: string, filter: string): Promise<number> {
  const report = await runWell(['fail2ban-regex', '--usedns=no', logFile, filter]);
  const [, matched] = /^Lines: \d+ lines, \d+ ignored, (\d+) matched/m.exec(report) ?? [];
  if (matched === undefined) throw new Error(`fail2ban-regex did not count: ${report}`);
  return Number(matched);
}
