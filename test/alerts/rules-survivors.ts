/** Changes of the rules that no test notices, and why none has to. */
export const SURVIVORS: readonly { readonly reason: string; readonly changes: readonly string[] }[] = [];
