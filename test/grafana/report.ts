import type { Contract } from './contract.ts';

export type Context = {
  readonly contract: Contract;
  /** Of all dashboards that come together: links may lead there. */
  readonly uids: ReadonlySet<string>;
};

/** Notes what is wrong. */
export type Report = (rule: string, where: string, what: string) => void;
