/** Where Prometheus reaches this exporter, and what the reader of the page had to show to get there. */
export type Self = {
  readonly address: string;
  readonly scheme: string;
  /** The user who is logged in. */
  readonly user?: string;
  readonly hasCertificate: boolean;
};

const SECRETS = '/etc/prometheus/secrets/port-exporter';

/** The scrape configuration of Prometheus, YAML: what opens the exporter is needed for the list of targets and for the targets. */
export function scrapeConfig({ address, scheme, user, hasCertificate }: Self, prefix: string): string {
  const access = [
    ...(user === undefined ? [] : [`basic_auth: { username: ${JSON.stringify(user)}, password_file: ${SECRETS} }`]),
    ...(hasCertificate ? [`tls_config: { cert_file: ${SECRETS}.crt, key_file: ${SECRETS}.key }`] : []),
  ];
  const hint = `# An authority that the machine of Prometheus does not trust by itself goes into tls_config, at both places, as ca_file.`;
  return [
    ...(scheme === 'https' ? [hint] : []),
    'scrape_configs:',
    '  - job_name: port_exporter',
    ...access.map((line) => `    ${line}`),
    '    http_sd_configs:',
    `      - url: ${scheme}://${address}${prefix}/sd`,
    ...access.map((line) => `        ${line}`),
    '',
  ].join('\n');
}
