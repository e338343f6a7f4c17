import { describe, expect, test } from 'vitest';
import { CHECK_FLAGS, PROBE_FLAGS, SERVE_FLAGS } from '../../src/cli/flags.ts';
import { parseCommandLine } from '../../src/cli/parse.ts';

describe('parseCommandLine', () => {
  test('gives every setting of the table when nothing is given', () => {
    expect(parseCommandLine(SERVE_FLAGS, [])).toEqual({
      kind: 'run',
      operands: [],
      settings: {
        'config.file': 'config/port-exporter.yml',
        'config.check': false,
        'config.auto-reload-interval': 0,
        'web.listen-address': [{ port: 9715 }],
        'web.external-url': undefined,
        'web.route-prefix': undefined,
        'timeout-offset': 0.5,
        'log.level': 'info',
        'log.format': 'logfmt',
      },
    });
  });

  test.each([
    { args: ['--config.file=a=b.yml'], file: 'a=b.yml' },
    { args: ['--config.file', 'a.yml'], file: 'a.yml' },
    { args: ['--config.file=-a.yml'], file: '-a.yml' },
    { args: ['--json', '--config.file', 'a.yml'], file: 'a.yml' },
  ])('reads $args as the file $file', ({ args, file }) => {
    expect(parseCommandLine(CHECK_FLAGS, args)).toMatchObject({ kind: 'run', settings: { 'config.file': file } });
  });

  test('collects a repeatable flag in the order given', () => {
    const line = parseCommandLine(CHECK_FLAGS, ['--target=b', '--json', '--target', 'a']);
    expect(line).toMatchObject({ kind: 'run', settings: { target: ['b', 'a'], json: true } });
  });

  test('hands on what is no flag, wherever it stands, and all that follows two dashes', () => {
    const line = parseCommandLine(PROBE_FLAGS, ['a:1', '--json', 'b:2', '--', '--c']);
    expect(line).toMatchObject({ kind: 'run', operands: ['a:1', 'b:2', '--c'] });
  });

  test.each([
    { args: ['--help'], kind: 'help' },
    { args: ['-h'], kind: 'help' },
    { args: ['--nonsense', '--help'], kind: 'help' },
    { args: ['--version'], kind: 'version' },
  ])('understands $args as a wish for $kind', ({ args, kind }) => {
    expect(parseCommandLine(CHECK_FLAGS, args)).toEqual({ kind });
  });

  test.each([
    { args: ['--confg.file=x'], problem: 'unknown flag --confg.file: did you mean --config.file?' },
    { args: ['--file', 'x'], problem: 'unknown flag --file: did you mean --config.file?' },
    { args: ['--vesion'], problem: 'unknown flag --vesion: did you mean --version?' },
    { args: ['-config.file=x'], problem: 'unknown flag -config.file: did you mean --config.file?' },
    { args: ['--jsn'], problem: 'unknown flag --jsn: did you mean --json?' },
    { args: ['-x'], problem: 'unknown flag -x' },
    { args: ['--no-such-thing-at-all'], problem: 'unknown flag --no-such-thing-at-all' },
    { args: ['--constructor'], problem: 'unknown flag --constructor' },
    { args: ['--__proto__=x'], problem: 'unknown flag --__proto__' },
    { args: ['--a\nb'], problem: 'unknown flag "--a\\nb"' },
    { args: ['--config.file'], problem: '--config.file needs a value: --config.file=FILE' },
    { args: ['--config.file='], problem: '--config.file needs a value: --config.file=FILE' },
    { args: ['--config.file', '--json'], problem: '--config.file needs a value: --config.file=FILE' },
    { args: ['--config.file', '-h'], problem: '--config.file needs a value: --config.file=FILE' },
    { args: ['--config.file=a', '--config.file=b'], problem: '--config.file is given twice' },
    { args: ['--json', '--json'], problem: '--json is given twice' },
    { args: ['--json=yes'], problem: '--json takes no value' },
    { args: ['--json='], problem: '--json takes no value' },
  ])('refuses $args', ({ args, problem }) => {
    expect(parseCommandLine(CHECK_FLAGS, args)).toEqual({ kind: 'wrong', problem });
  });

  test('names the flag whose value is wrong', () => {
    expect(parseCommandLine(PROBE_FLAGS, ['--timeout=soon'])).toEqual({
      kind: 'wrong',
      problem: '--timeout must be a number with a unit, such as 500ms, 5s or 1m30s, not "soon"',
    });
  });
});
