import { expect, test, vi } from 'vitest';
import { type OnHangUp, withHangUps } from '../../src/cli/hang-ups.ts';

const hangUp = () => process.emit('SIGHUP');

test('a SIGHUP that comes before anybody can handle it is handled once somebody can, each later one at once', async () => {
  const handled = vi.fn();
  let end: (value: string) => void = () => undefined;
  let onHangUp: OnHangUp = () => undefined;
  const before = process.listenerCount('SIGHUP');
  const ended = withHangUps((given) => {
    onHangUp = given;
    return new Promise<string>((resolve) => {
      end = resolve;
    });
  });
  hangUp();
  hangUp();
  onHangUp(handled);
  expect(handled).toHaveBeenCalledTimes(1);
  hangUp();
  expect(handled).toHaveBeenCalledTimes(2);
  end('over');
  expect(await ended).toBe('over');
  expect(process.listenerCount('SIGHUP')).toBe(before);
});

test('without one nothing is done, and a body that fails leaves nothing behind', async () => {
  const handled = vi.fn();
  const before = process.listenerCount('SIGHUP');
  const failing = withHangUps(async (onHangUp) => {
    onHangUp(handled);
    throw new Error('no luck');
  });
  await expect(failing).rejects.toThrow('no luck');
  expect(handled).not.toHaveBeenCalled();
  expect(process.listenerCount('SIGHUP')).toBe(before);
});
