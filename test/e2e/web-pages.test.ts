import { expect } from 'vitest';
import { createAuthority } from '../helpers/e2e-certificates.ts';
import type { Stage } from '../helpers/e2e-stage.ts';
import { login, portOf, startGuarded, USER } from '../helpers/e2e-web.ts';
import { needs } from '../helpers/programs.ts';
import { ask } from '../helpers/tls-client.ts';

const CONFIG = { groups: [{ name: 'all', targets: ['192.0.2.1:5432'] }] };
const ROUTES = [
  '/',
  '/metrics',
  '/probe?target=192.0.2.1:5432',
  '/sd',
  '/config',
  '/-/healthy',
  '/-/ready',
  '/nowhere',
];

async function overTls(stage: Stage, web: object) {
  const authority = await createAuthority(stage, 'web');
  const { certFile, keyFile } = await authority.issue('localhost');
  const tls = { tls_server_config: { cert_file: certFile, key_file: keyFile } };
  const exporter = await startGuarded(stage, { ...tls, ...web }, { config: CONFIG });
  return (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') =>
    ask(portOf(exporter), { ca: authority.pem, path, headers, method });
}

needs('openssl')('service discovery says https, with its usual port where none is named', async (stage) => {
  const get = await overTls(stage, {});
  const placesOf = async (host: string) => {
    const answer = await get('/sd', { host });
    const entries = typeof answer === 'string' ? [] : JSON.parse(answer.body);
    return entries.map(({ targets, labels }: { targets: string[]; labels: Record<string, string> }) => [
      targets[0],
      labels['__scheme__'],
    ]);
  };
  expect(await placesOf('ports.example')).toEqual(Array(2).fill(['ports.example:443', 'https']));
  expect(await placesOf('ports.example:9715')).toEqual(Array(2).fill(['ports.example:9715', 'https']));
});

needs('openssl')('no route answers without user and password', async (stage) => {
  const get = await overTls(stage, { basic_auth_users: { [USER.name]: USER.hash } });
  for (const path of ROUTES)
    expect([path, await get(path)]).toMatchObject([
      path,
      { status: 401, headers: { 'www-authenticate': expect.stringMatching(/^Basic /) } },
    ]);
  for (const method of ['HEAD', 'POST', 'PUT', 'OPTIONS', 'DELETE'])
    expect([method, await get('/-/reload', {}, method)]).toMatchObject([method, { status: 401 }]);
  expect(await get('/-/reload', login(USER.password), 'POST')).toMatchObject({ status: 200 });
  expect(await get('/-/healthy', login(USER.password))).toMatchObject({ status: 200 });
});

needs('openssl')(
  'headers are in every answer, the policy of the status page beside the configured one',
  async (stage) => {
    const get = await overTls(stage, {
      http_server_config: {
        headers: { 'Strict-Transport-Security': 'max-age=60', 'Content-Security-Policy': "frame-ancestors 'none'" },
      },
    });
    for (const path of ['/-/healthy', '/sd', '/config', '/nowhere', '/metrics?collect[]=exporter'])
      expect(await get(path)).toMatchObject({
        headers: { 'strict-transport-security': 'max-age=60', 'content-security-policy': "frame-ancestors 'none'" },
      });
    expect(await get('/')).toMatchObject({
      headers: { 'content-security-policy': expect.stringMatching(/^frame-ancestors 'none', default-src 'none'/) },
    });
  },
);
