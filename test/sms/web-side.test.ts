import { expect } from 'vitest';
import { login, USER } from '../helpers/e2e-web.ts';
import { needs } from '../helpers/programs.ts';
import { startBridge } from './child.ts';
import { body, notification, ORDERS } from './notifications.ts';
import { ask, TOKEN } from './setup.ts';
import { standIn, TAKEN } from './stand-in.ts';

needs()('with users, Alertmanager still brings its token, and everybody else a password', async (stage) => {
  const provider = stage.keep(await standIn(() => TAKEN));
  const web = stage.write('web.yml', JSON.stringify({ basic_auth_users: { [USER.name]: USER.hash } }));
  const { url } = await startBridge(stage, provider, '127.0.0.1:0', [`--web.config.file=${web}`]);
  const deliver = (headers: Readonly<Record<string, string>>, path = '/alertmanager') =>
    ask(`${url}${path}`, { method: 'POST', headers, body: body(notification([ORDERS])) });
  const bearer = { authorization: `Bearer ${TOKEN}` };

  for (const path of ['/metrics', '/-/healthy', '/alertmanager/', '//alertmanager', '/alertmanagers']) {
    expect([path, await ask(url + path)]).toMatchObject([path, { status: 401 }]);
    expect([path, await ask(url + path, { headers: bearer })]).toMatchObject([path, { status: 401 }]);
  }
  expect(await ask(`${url}/metrics`, { headers: login(USER.password) })).toMatchObject({ status: 200 });
  expect(await deliver({})).toMatchObject({
    status: 401,
    headers: { 'www-authenticate': expect.stringMatching(/^Bearer /) },
  });
  expect(await deliver(login(USER.password))).toMatchObject({ status: 401 });
  expect(provider.received).toEqual([]);
  expect(await deliver(bearer)).toMatchObject({ status: 200 });
});
