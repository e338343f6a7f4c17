/** Changes of the rules that no test notices, and why that is right. */
export const SURVIVORS: Readonly<Record<string, string>> = {};
