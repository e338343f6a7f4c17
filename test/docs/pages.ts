import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A page of documentation: its path from the root of the repository, and its text. */
export type Page = { readonly path: string; readonly text: string };

/** A fenced block, with what stands after the fence, and `before`, the line above it. */
type Block = { readonly page: string; readonly kind: string; readonly before: string; readonly text: string };

export function page(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** Every page of documentation there is. */
export function pages(): Page[] {
  const inRoot = readdirSync(ROOT).filter((name) => name.endsWith('.md'));
  const inDocs = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name));
  return [...inRoot, ...inDocs].sort().map((path) => ({ path, text: page(path) }));
}

export function blocks(kind: string): Block[] {
  return pages().flatMap(({ path, text }) =>
    Array.from(text.matchAll(/(?:^([^\n]*)\n)?^```(\w+)\n(.*?)^```$/gms), ([, before = '', found = '', body = '']) => ({
      page: path,
      kind: found,
      before,
      text: body,
    })).filter((block) => block.kind === kind),
  );
}

/** The cells of the table whose first header cell is this; a page has one such table at most. */
export function table(text: string, firstHeader: string): string[][] {
  const [, rows = ''] = new RegExp(`^\\| ${firstHeader} \\|.*\\n\\|[-|]+\\n((?:\\|.*\\n)+)`, 'm').exec(text) ?? [];
  return rows
    .trimEnd()
    .split('\n')
    .map((row) => row.slice(1, -1).split(' |').map(cell));
}

function cell(text: string): string {
  return text.trim();
}

/** What a cell says in code type. */
export function codes(text: string): string[] {
  return Array.from(text.matchAll(/`([^`]+)`/g), ([, code = '']) => code);
}

/** The lines that people type in console blocks, continued lines and comments taken off. */
export function typedCommands(): { readonly page: string; readonly command: string }[] {
  return blocks('console').flatMap(({ page: path, text }) =>
    text
      .split('\n')
      .filter((line) => line.startsWith('$ '))
      .flatMap((line) =>
        line
          .slice(2)
          .replace(/\s+#.*/, '')
          .split(' && '),
      )
      .map((command) => ({ page: path, command })),
  );
}

/** The anchors of a page, as GitHub makes them of its headings. */
export function anchors(text: string): Set<string> {
  const headings = text.replace(/^```.*?^```$/gms, '').matchAll(/^#+ (.+)$/gm);
  return new Set(
    Array.from(headings, ([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

export function exists(path: string): boolean {
  return existsSync(join(ROOT, path));
}
