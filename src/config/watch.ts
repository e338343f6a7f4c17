import type { ConfigStore } from './store.ts';

/** Reloads when the content of the file changes, looked at every so often. Does not keep the process alive. */
export function watchConfig(_store: ConfigStore, _everyMs: number): { readonly stop: () => void } {
  throw new Error('being written');
}
