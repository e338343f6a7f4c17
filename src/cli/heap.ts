import { setFlagsFromString } from 'node:v8';

/**
 * Keeps the memory of a long run near what is in use. V8 reads these flags at each collection, so they may be set while the program
 * runs, in whatever way it was started. By itself it
 * - lets garbage grow to several times what is in use before it looks: 250 MB instead of 150 MB with 10,000 targets, for no CPU saved;
 * - lets the space of young objects grow to 32 MB while the program is loaded, and keeps it. The 2 MB that it starts with do: with 10,000
 *   targets it is 25 MB less, a scrape takes no longer, and its longest pause is shorter.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=30');
  setFlagsFromString('--semi-space-growth-factor=1');
}
