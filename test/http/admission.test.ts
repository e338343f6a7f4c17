import { describe, expect, it } from 'vitest';
import { Admission } from '../../src/http/admission.ts';
import { exporter } from '../helpers/exporter.ts';
import { peer } from '../helpers/peers.ts';

/** How many requests for so many results a client is let in with; what to call when they are over. */
function crowd(admission: Admission, client: string, results: number): (() => void)[] {
  const leaves: (() => void)[] = [];
  for (;;) {
    const leave = admission.enter(client, results);
    if (leave === undefined) return leaves;
    leaves.push(leave);
  }
}

describe('requests that wait for probes', () => {
  it.each([
    [1, 2439],
    [60, 1000],
    [10_000, 9],
    [200_000, 1],
  ])('of %d results each are as many of one client as its share holds: %d', (results, expected) => {
    expect(crowd(new Admission(), '10.0.0.1', results)).toHaveLength(expected);
  });

  it('have room again when others are over, and but once for each', () => {
    const admission = new Admission();
    const [first] = crowd(admission, '10.0.0.1', 10_000);
    first?.();
    first?.();
    expect(crowd(admission, '10.0.0.1', 10_000)).toHaveLength(1);
  });

  it('of somebody who has none are let in, whatever others wait for', () => {
    const admission = new Admission();
    for (const client of ['10.0.0.1', '10.0.0.2', '10.0.0.3']) crowd(admission, client, 60);
    expect(admission.enter('10.0.0.4', 10_000)).toBeDefined();
    expect(admission.enter('10.0.0.4', 1)).toBeUndefined();
  });

  it('are of one client where they come from one network of IPv6', () => {
    const admission = new Admission();
    crowd(admission, '2001:db8::1', 60);
    expect(admission.enter('2001:db8::2', 60)).toBeUndefined();
    expect(admission.enter('2001:db8:0:1::2', 60)).toBeDefined();
  });
});

const BUSY = { enter: () => undefined } as unknown as Admission;

describe('a request that is one too many', () => {
  it.each(['/metrics', '/probe?target=one'])('is refused with 503 at %s, and probes nothing', async (path) => {
    await using listener = await peer();
    const targets = `groups: [{ name: a, targets: [{ name: one, address: "${listener.address}" }] }]`;
    await using app = await exporter(targets, { admission: BUSY });
    const { status, body, headers } = await app.get(path);
    expect({ status, body }).toEqual({
      status: 503,
      body: 'too many probes are waited for already: ask again when they have been answered\n',
    });
    expect(headers.get('retry-after')).toBe('1');
    expect(app.services.fleet.stats.results).toEqual({ success: 0, failure: 0, exporter_error: 0 });
    expect((await app.get('/metrics?collect=exporter')).status).toBe(200);
  });

  it('is none when those before it have been answered', async () => {
    await using listener = await peer();
    let inside = 0;
    const enter = () => {
      inside++;
      return () => {
        inside--;
      };
    };
    const targets = `groups: [{ name: a, targets: [{ name: one, address: "${listener.address}" }] }]`;
    await using app = await exporter(targets, { admission: { enter } as unknown as Admission });
    for (const path of ['/metrics', '/probe?target=one']) {
      await app.get(path);
      await expect.poll(() => inside).toBe(0);
    }
  });
});
