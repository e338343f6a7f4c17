import type { Stage } from './e2e-stage.ts';

/** A running blackbox_exporter with this configuration: its address. */
export async function startBlackbox(stage: Stage, config: unknown): Promise<string> {
  const file = stage.write('blackbox.yml', JSON.stringify(config));
  const flags = [`--config.file=${file}`, '--web.listen-address=127.0.0.1:0'];
  const program = stage.start(['prometheus-blackbox-exporter', ...flags]);
  const [, address = ''] = await program.said(/msg="Listening on" address=(\S+)/);
  return address;
}
