import type { CertificateFacts, ServiceFacts } from '../core/result.ts';
import { label } from './text.ts';

/** What a service said of itself, as a row of labels. */
export function serviceRows(facts: ServiceFacts | undefined): readonly (readonly [string, number])[] {
  return facts === undefined ? [] : [[labelBlock({ version: facts.version ?? '', state: facts.state ?? '' }), 1]];
}

/** What a certificate says of itself, as a row of labels. */
export function certificateRows(facts: CertificateFacts | undefined): readonly (readonly [string, number])[] {
  if (facts === undefined) return [];
  const labels = [
    label('fingerprint_sha256', facts.fingerprintSha256),
    label('subject', facts.subject),
    label('issuer', facts.issuer),
    label('subjectalternative', facts.subjectAlternative),
    label('serialnumber', facts.serialNumber),
  ];
  return [[labels.join(','), 1]];
}

/** Labels, rendered. */
export function labelBlock(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => label(name, value))
    .join(',');
}
