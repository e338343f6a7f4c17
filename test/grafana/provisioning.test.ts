import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { page } from '../docs/pages.ts';

type DataSource = {
  readonly uid: string;
  readonly type: string;
  readonly url: string;
  readonly editable: boolean;
  readonly jsonData: Readonly<Record<string, unknown>>;
};
type Provider = {
  readonly folder: string;
  readonly folderUid: string;
  readonly allowUiUpdates: boolean;
  readonly options: { readonly path: string; readonly foldersFromFilesStructure: boolean };
};

const { datasources } = parse(page('grafana/provisioning/datasources/port-exporter.yml')) as {
  datasources: DataSource[];
};
const { providers } = parse(page('grafana/provisioning/dashboards/port-exporter.yml')) as { providers: Provider[] };

describe('what Grafana is provisioned with', () => {
  test('is a Prometheus that has its Alertmanager, and an interval for the windows of rates', () => {
    const [prometheus, alertmanager] = ['prometheus', 'alertmanager'].map((type) =>
      datasources.find((source) => source.type === type),
    );
    expect(prometheus?.jsonData).toMatchObject({ manageAlerts: true, timeInterval: '60s' });
    expect(prometheus?.jsonData['alertmanagerUid']).toBe(alertmanager?.uid);
    expect(alertmanager?.jsonData['implementation']).toBe('prometheus');
    expect(datasources.map(({ editable }) => editable)).toEqual([false, false]);
  });

  test('has its addresses from the environment, which compose.yaml sets', () => {
    const { services } = parse(page('compose.yaml')) as {
      services: { grafana: { environment: Record<string, string> } };
    };
    const named = datasources.map(({ url }) => /^\$\{(\w+)\}$/.exec(url)?.[1] ?? url);
    expect(Object.keys(services.grafana.environment)).toEqual(expect.arrayContaining(named));
  });

  test('keeps dashboards in one folder, where nobody changes them', () => {
    for (const { folderUid, allowUiUpdates, options } of providers) {
      expect(folderUid).toMatch(/^[\w-]{1,40}$/);
      expect({ allowUiUpdates, of: options.foldersFromFilesStructure }).toEqual({ allowUiUpdates: false, of: false });
    }
  });
});
