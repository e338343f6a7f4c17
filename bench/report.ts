import type { Goal, Section } from './bench.ts';

const INTRODUCTION = `# Benchmarks

What port-exporter promises about cost and truth, and what came of it on one machine. Everything runs in a network
namespace of its own on loopback; both exporters, their peer and the load share the machine's cores, so look at the
ratios: both sides of each were measured in turns in the same run. Absolute figures are this machine's. Run it
yourself with \`npm run bench\` (needs gcc, prometheus-blackbox-exporter, tcpdump, wrk, iptables and iproute2);
\`npm run bench -- --write\` writes this page.
`;

/** The whole page. */
export function markdown(
  machine: readonly (readonly string[])[],
  sections: readonly Section[],
  quick: boolean,
): string {
  const goals = sections.flatMap((section) => section.goals);
  const warning = quick ? ['Quick run with small counts: shows that everything works, the figures mean little.\n'] : [];
  return [
    INTRODUCTION,
    ...warning,
    table(['machine', ''], machine),
    '## Goals\n',
    table(['figure', 'goal', 'measured', ''], goals.map(goalRow)),
    ...sections.map(sectionText),
  ].join('\n');
}

function goalRow({ figure, goal, measured, met }: Goal): string[] {
  const verdict = met === undefined ? 'no goal' : met ? 'met' : '**NOT met**';
  return [figure, goal, measured, verdict];
}

function sectionText({ title, how, header, rows, notes }: Section): string {
  const lines = notes.map((note) => `- ${note}\n`).join('');
  return [`## ${title}\n`, `${how}\n`, table(header, rows), ...(lines === '' ? [] : [lines])].join('\n');
}

export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('');
}
