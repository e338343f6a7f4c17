import { type Exporter, type ExporterOptions, startExporter } from './e2e-exporter.ts';
import type { Program } from './e2e-program.ts';
import type { Stage } from './e2e-stage.ts';

/** A user of the web side, its password, and the hash of that at a usual cost (htpasswd -nBC 10). */
export const USER = {
  name: 'prometheus',
  password: 'secret',
  hash: '$2y$10$dAPLD7FY0rZQWrprzmDO3eN/x9yyuGIvT7i1I5klN06rl54SGFUYK',
} as const;

/** The header of a login. */
export function login(password: string, name: string = USER.name): { readonly authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` };
}

/** The port that it listens on. */
export function portOf({ address }: Pick<Exporter, 'address'>): number {
  return Number(address.split(':').at(-1));
}

/** An exporter with this web configuration. */
export async function startGuarded(stage: Stage, web: object, options: ExporterOptions = {}): Promise<Exporter> {
  const file = stage.write('web.yml', JSON.stringify(web));
  return startExporter(stage, { ...options, args: [`--web.config.file=${file}`, ...(options.args ?? [])] });
}

/** The toolkit as it is in Debian's blackbox_exporter, with this web configuration, on a free port. */
export function startToolkit(stage: Stage, webFile: string): Program {
  const modules = stage.write('blackbox.yml', 'modules: {m: {prober: tcp}}');
  return stage.start([
    'prometheus-blackbox-exporter',
    `--config.file=${modules}`,
    `--web.config.file=${webFile}`,
    '--web.listen-address=127.0.0.1:0',
  ]);
}
