import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchConfig } from '../../src/config/watch.ts';

describe('watchConfig', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('looks every so often, until it is stopped', async () => {
    const reloadIfChanged = vi.fn(async () => undefined);
    const watch = watchConfig({ reloadIfChanged }, 1000);
    await vi.advanceTimersByTimeAsync(3500);
    expect(reloadIfChanged).toHaveBeenCalledTimes(3);
    watch.stop();
    await vi.advanceTimersByTimeAsync(5000);
    expect(reloadIfChanged).toHaveBeenCalledTimes(3);
  });

  it('never looks when the interval is 0', async () => {
    const reloadIfChanged = vi.fn(async () => undefined);
    watchConfig({ reloadIfChanged }, 0);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(reloadIfChanged).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not look again while a look is under way', async () => {
    let finish = () => {};
    const reloadIfChanged = vi.fn(
      () =>
        new Promise<undefined>((resolve) => {
          finish = () => resolve(undefined);
        }),
    );
    const watch = watchConfig({ reloadIfChanged }, 1000);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(reloadIfChanged).toHaveBeenCalledTimes(1);
    finish();
    await vi.advanceTimersByTimeAsync(1000);
    expect(reloadIfChanged).toHaveBeenCalledTimes(2);
    watch.stop();
    finish();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(reloadIfChanged).toHaveBeenCalledTimes(2);
  });

  it('goes on after a look that failed', async () => {
    const reloadIfChanged = vi.fn(() => Promise.reject(new Error('odd')));
    const watch = watchConfig({ reloadIfChanged }, 1000);
    await vi.advanceTimersByTimeAsync(2500);
    expect(reloadIfChanged).toHaveBeenCalledTimes(2);
    watch.stop();
  });

  it('does not keep the process alive', () => {
    vi.useRealTimers();
    const unref = vi.spyOn(setTimeout(() => {}, 0).constructor.prototype, 'unref');
    const watch = watchConfig({ reloadIfChanged: async () => undefined }, 60_000);
    expect(unref).toHaveBeenCalled();
    watch.stop();
    unref.mockRestore();
  });
});
