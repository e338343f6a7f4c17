/** "1 failure", "2 failures"; `noun` in its singular, with a regular plural. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
