import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSecret, readWhole } from '../../src/net/secret.ts';

let directory = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'port-exporter-secret-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const inside = (name: string) => join(directory, name);

describe('a secret', () => {
  test.each([
    ['hunter2', 'hunter2'],
    ['hunter2\n', 'hunter2'],
    ['\ufeff hunter2 \r\n\n', 'hunter2'],
    ['two words', 'two words'],
    ['wörd €', 'wörd €'],
  ])('in a file with %j is %j', (content, expected) => {
    writeFileSync(inside('good'), content);
    expect(readSecret({ file: inside('good') }, 'the password')).toBe(expected);
  });

  test.each([
    ['', ''],
    [' hunter2 ', ' hunter2 '],
  ])('that is written down is as it was: %j', (text, expected) => {
    expect(readSecret({ text }, 'the password')).toBe(expected);
  });

  test.each<[string, (file: string) => unknown, string]>([
    ['that is not there', () => {}, 'cannot read the password FILE: there is no such file'],
    ['that is a directory', (file) => mkdirSync(file), 'cannot read the password FILE: it is a directory'],
    ['that is empty', (file) => writeFileSync(file, ' \n'), 'the password FILE is empty'],
    ['of two lines', (file) => writeFileSync(file, 'hunter2\nhunter3'), 'the password FILE must be one line of text'],
    ['with a zero byte', (file) => writeFileSync(file, 'hunter2\0'), 'the password FILE must be one line of text'],
    [
      'of a megabyte',
      (file) => writeFileSync(file, 'hunter2'.repeat(150_000)),
      'cannot read the password FILE: it is larger than 65536 bytes',
    ],
  ])('in a file %s is our own fault', (name, prepare, message) => {
    const file = inside(name);
    prepare(file);
    const read = () => readSecret({ file }, 'the password');
    expect(read).toThrow(expect.objectContaining({ reason: 'exporter_error', message: message.replace('FILE', file) }));
  });

  test.each(['/dev/zero', '/dev/full'])('is not waited for, nor read for ever: %s', (file) => {
    expect(() => readSecret({ file }, 'the password')).toThrow('it is no file');
  });

  test('that is written down and has two lines is not told', () => {
    const read = () => readSecret({ text: 'hunter2\nhunter3' }, 'the header X-A');
    expect(read).toThrow('the header X-A must be one line of text');
    expect(read).not.toThrow(/hunter/);
  });
});

describe('what is sent', () => {
  test('is the bytes of a file, whatever they are, or of a text', () => {
    writeFileSync(inside('bytes'), Buffer.from([0, 255, 10]));
    expect(readWhole({ file: inside('bytes') }, 'the body')).toEqual(Buffer.from([0, 255, 10]));
    expect(readWhole({ text: 'ü' }, 'the body')).toEqual(Buffer.from('ü'));
    writeFileSync(inside('none'), '');
    expect(readWhole({ file: inside('none') }, 'the body')).toHaveLength(0);
  });

  test('is not more than can be held', () => {
    writeFileSync(inside('large'), Buffer.alloc(10 * 1024 * 1024 + 1));
    expect(() => readWhole({ file: inside('large') }, 'the body')).toThrow('it is larger than 10485760 bytes');
  });
});
