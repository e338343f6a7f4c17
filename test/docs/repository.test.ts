import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exists, page, ROOT } from './pages.ts';

function sources(): { readonly file: string; readonly text: string }[] {
  return readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({ file: name, text: readFileSync(join(ROOT, 'src', name), 'utf8') }));
}

describe('the sources', () => {
  test('do without AbortSignal.any, which leaks, and AbortSignal.timeout, which cannot be cleared', () => {
    const code = sources().map(({ file, text }) => ({ file, text: text.replace(/\/\*.*?\*\/|\/\/.*/gs, '') }));
    expect(code.length).toBeGreaterThan(30);
    expect(
      code.filter(({ text }) => /AbortSignal\s*\.\s*(?:any|timeout)\b/.test(text)).map(({ file }) => file),
    ).toEqual([]);
  });
});

describe('package-lock.json', () => {
  test('names no registry', () => {
    expect(page('package-lock.json')).not.toContain('"resolved"');
  });
});

describe('CHANGELOG.md', () => {
  test('begins with the version of package.json', () => {
    const [, latest] = /^## (\S+) \//m.exec(page('CHANGELOG.md')) ?? [];
    expect(latest).toBe(JSON.parse(page('package.json')).version);
  });
});

describe('Dockerfile', () => {
  const copied = Array.from(page('Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm), ([, files = '']) =>
    files.split(' '),
  );

  test('copies only what is there and what .dockerignore lets through', () => {
    const let_through = page('.dockerignore')
      .split('\n')
      .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
    for (const file of copied.flat()) {
      expect(exists(file), file).toBe(true);
      expect(let_through).toContain(file.split('/')[0]);
    }
  });

  test('starts the program that package.json names, on a version of Node.js that it accepts', () => {
    const { bin } = JSON.parse(page('package.json'));
    expect(page('Dockerfile')).toContain(`/app/${bin['port-exporter'].replace('./', '')}`);
    const versions = Array.from(page('Dockerfile').matchAll(/node(?:js|:)(\d+)/g), ([, major]) => Number(major));
    expect(versions.length).toBeGreaterThan(2);
    for (const major of versions) expect(major).toBeGreaterThanOrEqual(22);
  });
});
