import type { ConfigStore } from './store.ts';

/**
 * Reloads when the content of the file changes, looked at every so often: content, because mounted files (Kubernetes) change without
 * telling. 0 is never. Does not keep the process alive.
 */
export function watchConfig(
  store: Pick<ConfigStore, 'reloadIfChanged'>,
  everyMs: number,
): { readonly stop: () => void } {
  let timer: NodeJS.Timeout | undefined;
  let stopped = everyMs <= 0;
  const schedule = () => {
    if (!stopped) timer = setTimeout(look, everyMs).unref();
  };
  // The next look is planned when this one is over, so a slow disk never has two of them.
  const look = () => void store.reloadIfChanged().then(schedule, schedule);
  schedule();
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
