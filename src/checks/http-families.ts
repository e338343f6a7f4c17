import { toSeconds } from '../core/duration.ts';
import type { CheckSample, ProbeResult } from '../core/result.ts';
import type { CheckFamily } from './check.ts';
import { EXPECT_FAMILIES } from './dialogue.ts';

/** The families that HTTP has samples of, named as in blackbox_exporter. */
export const HTTP_FAMILIES = {
  duration: 'probe_http_duration_seconds',
  contentLength: 'probe_http_content_length',
  bodyLength: 'probe_http_uncompressed_body_length',
  redirects: 'probe_http_redirects',
  ssl: 'probe_http_ssl',
  status: 'probe_http_status_code',
  version: 'probe_http_version',
  lastModified: 'probe_http_last_modified_timestamp_seconds',
  regex: EXPECT_FAMILIES.regex,
  cel: 'probe_failed_due_to_cel',
} as const;

export const HTTP_FAMILY_LIST: readonly CheckFamily[] = [
  {
    name: HTTP_FAMILIES.duration,
    help: 'How long each phase of HTTP took, all redirects together; 0 for one that did not complete.',
  },
  { name: HTTP_FAMILIES.contentLength, help: 'How long the body is said to be; -1 where that is not said.' },
  { name: HTTP_FAMILIES.bodyLength, help: 'How long the body is, after decompression.' },
  { name: HTTP_FAMILIES.redirects, help: 'How many redirects were followed.' },
  { name: HTTP_FAMILIES.ssl, help: 'Whether the last answer came in TLS.' },
  { name: HTTP_FAMILIES.status, help: 'The status of the last answer; 0 without one.' },
  { name: HTTP_FAMILIES.version, help: 'The version of HTTP of the last answer; 0 without one.' },
  { name: HTTP_FAMILIES.lastModified, help: 'When the last answer says that it was last modified.' },
  { name: HTTP_FAMILIES.regex, help: 'Whether the probe failed because of what the headers or the body have in them.' },
  { name: HTTP_FAMILIES.cel, help: 'Whether the probe failed because of the JSON of the body.' },
];

/** What HTTP itself takes time for, in the words of blackbox_exporter. */
export const HTTP_PHASES = ['resolve', 'connect', 'tls', 'processing', 'transfer'] as const;
export type HttpPhase = (typeof HTTP_PHASES)[number];

const UNLESS_KNOWN = ['contentLength', 'bodyLength', 'redirects', 'ssl', 'status', 'version', 'regex', 'cel'] as const;

/** Every sample of a result: 0 for what is not known, as blackbox_exporter's rules and dashboards expect. */
export function httpReport({ phases, failure, samples = [] }: ProbeResult): readonly CheckSample[] {
  const noted = new Map(samples.map((one) => [keyOf(one.name, one.labels['phase']), one]));
  const known = (name: string, phase?: string) => noted.get(keyOf(name, phase))?.value ?? 0;
  const isResolved = failure?.phase !== 'resolve' || samples.length > 0;
  const durations = HTTP_PHASES.slice(0, isResolved ? undefined : 1).map((phase) => {
    const first = phase === 'processing' || phase === 'transfer' ? 0 : (phases[phase] ?? 0);
    const others = known(HTTP_FAMILIES.duration, phase) * 1000;
    return { name: HTTP_FAMILIES.duration, labels: { phase }, value: toSeconds(first + others) };
  });
  const plain = UNLESS_KNOWN.map((key) => {
    const name = HTTP_FAMILIES[key];
    return { name, labels: {}, value: known(name) };
  });
  return [...durations, ...plain, ...samples.filter(({ name }) => name === HTTP_FAMILIES.lastModified)];
}

function keyOf(name: string, phase = ''): string {
  return `${name} ${phase}`;
}
