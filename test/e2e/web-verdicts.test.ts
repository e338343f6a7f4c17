import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { expect } from 'vitest';
import { loadWebConfig } from '../../src/config/web-load.ts';
import { http } from '../helpers/e2e-http.ts';
import type { Stage } from '../helpers/e2e-stage.ts';
import { login, startGuarded, startToolkit, USER } from '../helpers/e2e-web.ts';
import { needs } from '../helpers/programs.ts';
import { NEWER, SAME, STRICTER } from '../helpers/web-cases.ts';

type Verdict = 'loads' | 'refused';

const fixture = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8');

/** It says that it listens before it knows whether it can: it has to answer, in whatever way, or to end. */
async function theirs(stage: Stage, webFile: string): Promise<Verdict> {
  const program = startToolkit(stage, webFile);
  const answered = program.said(/msg="TLS is \w+\." .*address=(\S+)/).then(([, address]) => answers(address ?? ''));
  const verdict = await Promise.race([
    answered.then(() => 'loads' as const),
    program.exit().then(() => 'refused' as const),
  ]);
  answered.catch(() => undefined);
  await program.end();
  return verdict;
}

/** Never, when the program ends instead. */
function answers(address: string): Promise<void> {
  const port = Number(address.split(':').at(-1));
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.0\r\n\r\n'));
    socket.once('data', () => {
      socket.destroy();
      resolve();
    });
    socket.on('error', () => undefined);
  });
}

function writeWeb(stage: Stage, text: string): string {
  for (const name of ['crt', 'key']) stage.write(`web.${name}`, fixture(`self-signed.${name}`));
  stage.write('other.key', fixture('nameless.key'));
  stage.write('empty', '');
  stage.write('both', fixture('self-signed.crt') + fixture('self-signed.key'));
  return stage.write('web.yml', text);
}

/** Each text with both verdicts. */
async function verdicts(stage: Stage, texts: readonly string[]): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const text of texts) {
    const file = writeWeb(stage, text);
    const here: Verdict = loadWebConfig(file, text).ok ? 'loads' : 'refused';
    lines.push(`there ${await theirs(stage, file)}, here ${here}: ${text}`);
  }
  return lines;
}

const withToolkit = needs('prometheus-blackbox-exporter');

withToolkit(
  'web configurations load here when they load there, and are refused when they are refused',
  async (stage) => {
    const found = await verdicts(stage, SAME);
    expect(found.filter((line) => !/^there (\w+), here \1:/.test(line))).toEqual([]);
    expect(found.filter((line) => line.startsWith('there loads')).length).toBeGreaterThan(50);
    expect(found.filter((line) => line.startsWith('there refused')).length).toBeGreaterThan(50);
  },
);

withToolkit('what later versions of the toolkit have loads here', async (stage) => {
  expect(await verdicts(stage, NEWER)).toEqual(NEWER.map((text) => `there refused, here loads: ${text}`));
});

withToolkit('what could never work there either is refused here, for the reasons listed', async (stage) => {
  const texts = STRICTER.flatMap(([, rows]) => rows);
  expect(await verdicts(stage, texts)).toEqual(texts.map((text) => `there loads, here refused: ${text}`));
});

const HASHED = USER.hash.slice('$2y'.length);
const USERS = {
  prometheus: USER.hash,
  'as $2$': `$2${HASHED}`,
  'as $2a$': `$2a${HASHED}`,
  'as $2x$': `$2x${HASHED}`,
  umlauts: '$2y$05$1pHYqMJGFKSE0kNXvJiULe7aBjb/eLkx/ewhoQolMkP6mrP7cuJGm',
  longest: '$2y$05$Lfx163Zp1nfEe5ZcKNhfPOb4MNW4Ws1zSZG.V03dnIaeMHLWJcwi.',
  empty: '$2y$05$Iwt0I7sU38qReD3T4g0KY.sHjV6VC9oUK8T4IDc/0ON5TuG9NmXzi',
  '': USER.hash,
};

withToolkit('a login is right or wrong as it is there', async (stage) => {
  const web = { basic_auth_users: USERS };
  const exporter = await startGuarded(stage, web, { config: 'discover: {local: true}' });
  const program = startToolkit(stage, stage.write('web.yml', JSON.stringify(web)));
  const [, address] = await program.said(/msg="TLS is disabled\." .*address=(\S+)/);
  const headers = [
    {},
    ...Object.keys(USERS).flatMap((user) =>
      ['secret', 'Secret', '', 'pässwört€', 'a'.repeat(72), 'a'.repeat(71), 'a'.repeat(100)].map((password) =>
        login(password, user),
      ),
    ),
    login('secret', 'nobody'),
    ...['Bearer secret', 'Basic', 'Basic cHJvbWV0aGV1cw==', 'basic cHJvbWV0aGV1czpzZWNyZXQ='].map((authorization) => ({
      authorization,
    })),
  ];
  const statuses: string[] = [];
  for (const one of headers) {
    const [there, here] = await Promise.all([
      http(`http://${address}/-/healthy`, { headers: one }),
      exporter.get('/-/healthy', { headers: one }),
    ]);
    statuses.push(`there ${there.status}, here ${here.status}: ${JSON.stringify(one)}`);
  }
  expect(statuses.filter((line) => !/^there (\w+), here \1:/.test(line))).toEqual([]);
  expect(statuses.filter((line) => line.startsWith('there 200')).length).toBeGreaterThan(8);
});
