import { expect } from 'vitest';
import { Visitor } from '../../helpers/checks.ts';
import { startRedis } from '../../helpers/e2e-alert-services.ts';
import { needs } from '../../helpers/programs.ts';

needs('redis-server')('a Redis is up', async (stage) => {
  const redis = await startRedis(stage);
  const visitor = new Visitor(redis.address, { service: 'redis' });
  expect(await visitor.probes(300)).toEqual({ up: 300 });
});
