import { expect, test } from 'vitest';
import { systemClock } from '../../src/net/clock.ts';
import { Dialer } from '../../src/net/dialer.ts';
import { warmUp } from '../../src/net/warm-up.ts';

test('warming up ends, and leaves nothing open', async () => {
  const dialer = new Dialer(systemClock);
  await warmUp(dialer);
  await expect.poll(() => dialer.inFlight).toBe(0);
});
