import { expect, test } from 'vitest';
import { contract } from './contract.ts';
import { committed } from './model.ts';
import { MUTANTS } from './mutants.ts';
import { lint } from './rules.ts';

const context = {
  contract: await contract(),
  uids: new Set(['port-exporter-overview', 'port-exporter-target', 'port-exporter-exporter']),
};

test.each(MUTANTS)('the rule "%s" finds: %s', (rule, _, make) => {
  const dashboard = committed('overview');
  make(dashboard);
  expect(lint(dashboard, context).map((finding) => finding.rule)).toContain(rule);
});
