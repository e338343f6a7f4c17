import { describe, expect, test } from 'vitest';
import { webServer } from '../helpers/web-server.ts';
import { run } from './run.ts';

describe('probe of a URL', () => {
  test('asks for its path, and takes options', async () => {
    await using server = await webServer({ '/health': 'fine' });
    const { code, stdout } = await run(['probe', '--option=contains=fine', `${server.url}/health?a=b`]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^UP +127\.0\.0\.1:\d+ +http /m);
    expect(server.heard).toMatchObject([{ path: '/health?a=b' }]);
  });

  test('probes each path of a server', async () => {
    await using server = await webServer({ '/a': 'fine', '/b': 500 });
    const { code, stdout } = await run(['probe', '--json', `${server.url}/a`, `${server.url}/b`, `${server.url}/a`]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout).targets.map(({ up }: { up: boolean }) => up)).toEqual([true, false]);
  });

  test('is led elsewhere wherever that is', async () => {
    await using other = await webServer({ '/': 'fine' });
    await using server = await webServer({ '/': [302, { location: other.url }] });
    expect((await run(['probe', server.url])).code).toBe(0);
  });

  test.each([
    [['--service=redis', 'http://h/a'], 'http://h/a has a path, which redis does not ask for'],
    [
      ['--option=status=abc', 'http://h/'],
      '--option: status.0 must be a status such as 200, or a class such as 2xx, not "abc"',
    ],
    [['--option=metod=GET', 'http://h/'], '"metod" is not a known option: did you mean method?'],
    [
      ['--option=proxy_url=socks5://me:hunter2@p', 'http://h/'],
      '--option: proxy_url must be http://host:port or https://host:port',
    ],
    [['http://u:hunter2@h/'], 'a password has no place in an address: write basic_auth'],
    [['--starttls', 'https://h/'], 'https has no STARTTLS, it speaks TLS from the first byte: write tls: true'],
  ])('says what is wrong: %j', async (args, problem) => {
    const { code, stdout, stderr } = await run(['probe', ...args]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(problem);
    expect(stderr).not.toContain('hunter2');
  });
});
