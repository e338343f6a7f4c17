import { expect, vi } from 'vitest';
import { startRedis } from '../helpers/e2e-alert-services.ts';
import { exporterCommand, startExporter, writeConfig } from '../helpers/e2e-exporter.ts';
import { createNamespace } from '../helpers/e2e-namespace.ts';
import { run, runWell } from '../helpers/e2e-program.ts';
import type { Samples } from '../helpers/e2e-samples.ts';
import { NAMESPACE, needs } from '../helpers/programs.ts';

const NOBODY = 65_534;

needs('redis-server')(
  'a Redis on any port is found by its process, and the printed configuration speaks to it',
  async (stage) => {
    const redis = await startRedis(stage);
    const printed = await runWell(exporterCommand('discover'));
    expect(printed).toContain(`{ address: ${redis.address}, service: redis }`);

    const file = stage.write('discovered.yml', printed);
    const checked = await runWell(
      exporterCommand('check', '--json', `--config.file=${file}`, `--target=${redis.address}`),
    );

    expect(JSON.parse(checked).targets).toMatchObject([{ service: 'redis', up: true, service_version: /./ }]);
  },
);

needs(
  ...NAMESPACE,
  'redis-server',
  'setpriv',
)(
  'what listens beside the exporter and is not watched is a metric, and a watched port where nobody listens is another',
  async (stage) => {
    const network = await createNamespace(stage);
    for (const port of ['6400', '5432']) {
      const files = ['--dir', stage.directory, '--save', '', '--appendonly', 'no'];
      const redis = stage.start([...network.enter, 'redis-server', '--port', port, '--bind', '127.0.0.1', ...files]);
      await redis.said(/Ready to accept connections/);
    }
    const targets = ['127.0.0.1:6400', '127.0.0.1:22', '192.0.2.1:5432'];
    const config = { discover: { report: true }, groups: [{ name: 'all', targets }] };
    const exporter = await startExporter(stage, { config, before: network.enter, ask: network.ask });
    const own = () => exporter.scrape('/metrics?collect[]=exporter');

    let samples: Samples = await own();
    await vi.waitFor(
      async () => {
        samples = await own();
        expect(samples.value('port_exporter_unmonitored_listeners')).toBe(1);
      },
      { timeout: 20_000, interval: 200 },
    );
    expect(samples.of('port_exporter_unmonitored_listener_info').map(({ labels }) => labels)).toEqual([
      { address: '127.0.0.1:5432', process: 'redis-server' },
    ]);
    expect(samples.value('port_exporter_silent_targets')).toBe(1);

    const file = writeConfig(stage, config);
    const report = exporterCommand('discover', '--report', '--json', `--config.file=${file}`);
    const seen = await run([...network.enter, ...report]);
    expect(seen.code).toBe(1);
    expect(JSON.parse(seen.stdout)).toMatchObject({
      listening: 2,
      unmonitored: [{ target: '127.0.0.1:5432', service: 'redis', known_by: 'process', process: 'redis-server' }],
      silent: [{ name: '127.0.0.1:22' }],
    });

    // Whoever may not see whose sockets they are still sees that they listen. The exporter is not known for one either.
    await runWell(['chmod', '-R', 'a+rX', stage.directory]);
    const nobody = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
    const blind = await run([...network.enter, ...nobody, ...report]);
    expect(JSON.parse(blind.stdout)).toMatchObject({
      listening: 3,
      unmonitored: [{ target: '127.0.0.1:5432', service: 'postgresql', known_by: 'port', process: null }, {}],
    });
  },
);
