import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { scrapeConfig } from '../../src/http/pages/status/snippet.ts';
import { exporter } from '../helpers/exporter.ts';

const PLAIN = { address: 'exporter:9715', scheme: 'http', hasCertificate: false };
const FILES = '/etc/prometheus/secrets/port-exporter';

describe('the scrape configuration on the status page', () => {
  test.each([
    ['an open exporter', PLAIN, {}],
    ['one that wants a user', { ...PLAIN, user: 'anna' }, { basic_auth: { username: 'anna', password_file: FILES } }],
    [
      'one whose user is no plain word',
      { ...PLAIN, user: 'a: "b" #\n{c}' },
      { basic_auth: { username: 'a: "b" #\n{c}', password_file: FILES } },
    ],
    [
      'one that wants a certificate',
      { ...PLAIN, hasCertificate: true },
      { tls_config: { cert_file: `${FILES}.crt`, key_file: `${FILES}.key` } },
    ],
  ])('has what opens %s for the list of targets and for the targets', (_, self, access) => {
    const sd = [{ url: 'http://exporter:9715/x/sd', ...access }];
    expect(parse(scrapeConfig(self, '/x'))).toEqual({
      scrape_configs: [{ job_name: 'port_exporter', ...access, http_sd_configs: sd }],
    });
  });

  test('says where an authority goes that Prometheus does not trust', () => {
    expect(scrapeConfig({ ...PLAIN, scheme: 'https' }, '')).toMatch(/^# An authority .* ca_file\.\n/);
    expect(scrapeConfig(PLAIN, '')).not.toContain('#');
  });

  test('has the user who reads the page, and not the password', async () => {
    await using app = await exporter('groups: [{ name: a, targets: ["127.0.0.1:1"] }]');
    const authorization = `Basic ${Buffer.from('<anna>:hush').toString('base64')}`;
    const { body } = await app.get('/', { authorization });
    expect(body).toContain('basic_auth: { username: &#34;&#60;anna&#62;&#34;, password_file: ');
    expect(body).not.toContain('hush');
    expect((await app.get('/')).body).not.toContain('basic_auth');
  });
});
