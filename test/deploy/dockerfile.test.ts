import { describe, expect, test } from 'vitest';
import { SERVE_FLAGS } from '../../src/cli/flags.ts';
import { page } from '../docs/pages.ts';

type Stage = { readonly from: string; readonly name: string; readonly text: string };

const STAGES: readonly Stage[] = Array.from(
  page('Dockerfile').matchAll(/^FROM (\S+) AS (\S+)\n(.*?)(?=^FROM |$(?![\s\S]))/gms),
  ([, from = '', name = '', text = '']) => ({ from, name, text }),
);
/** Those that are made to be run. */
const RUN = STAGES.filter(({ text }) => text.includes('ENTRYPOINT'));

/** The words of an instruction in its exec form. */
function words({ text }: Stage, instruction: string): string[] {
  const [, list] = new RegExp(`^${instruction} (\\[.*\\])$`, 'm').exec(text) ?? [];
  return JSON.parse(list ?? '[]');
}

describe('Dockerfile', () => {
  test('makes the image without a shell, and the one with ping where that is asked for', () => {
    expect(STAGES.map(({ name }) => name)).toEqual(['deps', 'build', 'files', 'run-with-ping', 'run']);
    expect(RUN.map(({ name }) => name)).toEqual(['run-with-ping', 'run']);
    expect(STAGES.at(-1)?.from).toMatch(/^gcr\.io\/distroless\/.*:nonroot$/);
  });

  test('copies from stages that come before', () => {
    for (const [i, { text }] of STAGES.entries()) {
      const before = STAGES.slice(0, i).map(({ name }) => name);
      for (const [, from] of text.matchAll(/--from=(\S+)/g)) expect(before).toContain(from);
    }
  });

  test.each(RUN)('$name has no rights, and the same files and flags as the other one', (stage) => {
    expect(stage.text).toMatch(/^USER 65532:65532$/m);
    expect(stage.text).toMatch(/^COPY --from=files \/ \/$/m);
    const flags = ['--enable-source-maps', '--max-semi-space-size=16'];
    expect(words(stage, 'ENTRYPOINT').slice(1)).toEqual([...flags, '/app/dist/cli/main.js']);
    expect(words(stage, 'CMD')).toEqual(['--config.file=/etc/port-exporter/port-exporter.yml']);
  });

  test.each(RUN)('$name is asked for its health where it listens unless told otherwise', ({ text }) => {
    const port = SERVE_FLAGS['web.listen-address'].defaultText ?? '';
    expect(text).toContain(`fetch('http://127.0.0.1${port}/-/healthy')`);
    expect(text).toContain(`EXPOSE ${port.slice(1)}\n`);
  });

  test('puts a configuration where the command line names it', () => {
    const files = STAGES.find(({ name }) => name === 'files')?.text;
    expect(files).toContain('COPY config/port-exporter.yml /etc/port-exporter/port-exporter.yml');
  });
});
