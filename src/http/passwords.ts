import { createHmac, randomBytes } from 'node:crypto';
import { bcryptCost } from '../config/web-users.ts';
import { clientOf } from './clients.ts';
import { FairQueue } from './fair-queue.ts';
import type { Compare } from './password-hasher.ts';
import { Recent } from './recent.ts';

export type Login = { readonly user: string; readonly password: string };

/** `busy`: too many others are waiting for an answer. */
export type Verdict = 'right' | 'wrong' | 'busy';

export type PasswordOptions = {
  readonly compare: Compare;
  /** The comparison itself failed. */
  readonly failed: (error: unknown) => void;
};

type Job = {
  readonly hash: string;
  readonly password: string;
  readonly settle: (verdict: Verdict) => void;
};

/** New passwords that may wait: at a usual cost the last of them waits a second or two. */
const MOST_WAITING = 16;
/** Verdicts remembered, of either kind: who guesses must not drive out who knows. */
const MOST_KNOWN = 1000;

/**
 * Judges logins. A comparison takes as long as the hash wants it to, so it is made once for each password, one after the other, fairly
 * between clients; its outcome is remembered under a digest that only this process can make.
 */
export class Passwords {
  readonly #options: PasswordOptions;
  readonly #secret = randomBytes(32);
  readonly #right = new Recent(MOST_KNOWN);
  readonly #wrong = new Recent(MOST_KNOWN);
  /** Comparisons that are waiting or under way, by digest: who asks for the same shares them. */
  readonly #jobs = new Map<string, Promise<Verdict>>();
  readonly #queue = new FairQueue<Job>(MOST_WAITING);
  readonly #decoys = new WeakMap<ReadonlyMap<string, string>, string>();
  #isWorking = false;

  constructor(options: PasswordOptions) {
    this.#options = options;
  }

  /** The verdict on a login from that client, at once where it is known. Users nobody has heard of take as long as the others. */
  judge(users: ReadonlyMap<string, string>, login: Login, client: string): Verdict | Promise<Verdict> {
    const own = users.get(login.user);
    const hash = own ?? this.#decoy(users);
    const digest = this.#digest(login, hash);
    if (this.#right.has(digest)) return 'right';
    if (this.#wrong.has(digest)) return 'wrong';
    const known = this.#jobs.get(digest);
    if (known !== undefined) return known;
    const job = this.#start(login.password, hash, client).then((verdict) => {
      this.#jobs.delete(digest);
      if (verdict === 'busy') return verdict;
      const isRight = verdict === 'right' && own !== undefined;
      (isRight ? this.#right : this.#wrong).add(digest);
      return isRight ? 'right' : 'wrong';
    });
    this.#jobs.set(digest, job);
    return job;
  }

  #start(password: string, hash: string, client: string): Promise<Verdict> {
    return new Promise((settle) => {
      this.#queue.add(clientOf(client), { password, hash, settle })?.settle('busy');
      void this.#work();
    });
  }

  async #work(): Promise<void> {
    if (this.#isWorking) return;
    this.#isWorking = true;
    for (let job = this.#queue.next(); job !== undefined; job = this.#queue.next()) {
      try {
        job.settle((await this.#options.compare(job.password, job.hash)) ? 'right' : 'wrong');
      } catch (error) {
        this.#options.failed(error);
        job.settle('busy');
      }
    }
    this.#isWorking = false;
  }

  /** Each part with its length before it: no two logins have the same text. */
  #digest({ user, password }: Login, hash: string): string {
    const hmac = createHmac('sha256', this.#secret);
    for (const part of [user, hash, password]) hmac.update(`${part.length}:${part}`);
    return hmac.digest('base64');
  }

  /** What the passwords of unknown users are compared with: a hash that no password has, as costly as the costliest. */
  #decoy(users: ReadonlyMap<string, string>): string {
    const known = this.#decoys.get(users);
    if (known !== undefined) return known;
    const cost = Math.max(...Array.from(users.values(), (hash) => bcryptCost(hash) ?? 0));
    const hash = `$2b$${String(cost).padStart(2, '0')}$${'.'.repeat(53)}`;
    this.#decoys.set(users, hash);
    return hash;
  }
}
