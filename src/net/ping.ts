import type { IpAddress } from '../core/ip.ts';
import { ProbeFailure } from '../core/reason.ts';
import { isExporterFault } from './classify.ts';
import type { Clock } from './clock.ts';
import { judgePing, mayNot, type PingReply } from './ping-output.ts';
import { type EchoRequest, findPing, type PingProgram, pingArguments, pingDirectories } from './ping-program.ts';
import { Subprocess } from './subprocess.ts';

/** What came back, and how long ping took for everything but the way there and back, ms: absent where that is not known. */
export type EchoReply = PingReply & { readonly setupMs?: number };

/** One echo request under way. */
export type Pinging = {
  /** Rejects with ProbeFailure, or with a passing fault of this machine. */
  readonly reply: Promise<EchoReply>;
  /** Whether it has had its turn: before, nothing was asked of the target. */
  readonly isStarted: boolean;
  /** Gives up, and ends ping; `reply` rejects. */
  cancel(): void;
};

export type PingsOptions = {
  /** Where to look for ping. */
  readonly directories?: readonly string[];
  /** How many may run at once. A target that does not answer holds one for the whole of its timeout. */
  readonly most?: number;
};

const MOST = 100;
/** What ping may take to say its last words once its time is over, ms. */
const LAST_WORDS_MS = 500;

/**
 * ICMP echo by the system's own ping: Node has no raw sockets, and ping has the right to open them. One process for each request, and no
 * shell.
 */
export class Pings {
  readonly #clock: Clock;
  readonly #directories: readonly string[];
  readonly #most: number;
  readonly #waiting: Echo[] = [];
  #running = 0;
  #program: Promise<PingProgram> | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(clock: Clock, { directories = pingDirectories(), most = MOST }: PingsOptions = {}) {
    this.#clock = clock;
    this.#directories = directories;
    this.#most = most;
  }

  /** Requests that have begun and whose process is not gone yet. */
  get inFlight(): number {
    return this.#running;
  }

  /** Sends one echo request when its turn comes; its time counts from then on. */
  ping(address: IpAddress, request: EchoRequest): Pinging {
    const echo = new Echo(address, request);
    this.#waiting.push(echo);
    this.#wake();
    return echo;
  }

  #wake(): void {
    while (this.#running < this.#most) {
      const echo = this.#waiting.shift();
      if (echo === undefined) return;
      if (!echo.isOver) void this.#run(echo);
    }
  }

  async #run(echo: Echo): Promise<void> {
    this.#running++;
    try {
      const program = await this.#find();
      await this.#nextTurn();
      await echo.run(program, this.#clock);
    } catch (error) {
      // It was moved, or replaced by another one.
      if (!(error instanceof ProbeFailure)) this.#program = undefined;
      echo.end(explained(error));
    }
    this.#running--;
    this.#wake();
  }

  /** Where there is no ping it is looked for again each time: somebody may install it. */
  #find(): Promise<PingProgram> {
    if (this.#program === undefined) {
      this.#program = findPing(this.#directories);
      this.#program.catch(() => {
        this.#program = undefined;
      });
    }
    return this.#program;
  }

  /** The start of a process keeps the loop busy for about a millisecond: one in a turn. */
  #nextTurn(): Promise<unknown> {
    this.#turn = this.#turn.then(() => new Promise((resolve) => setImmediate(resolve)));
    return this.#turn;
  }
}

class Echo implements Pinging {
  readonly reply: Promise<EchoReply>;
  isStarted = false;
  isOver = false;
  readonly #address: IpAddress;
  readonly #request: EchoRequest;
  #settle: (result: EchoReply | Error) => void = () => {};
  #child: Subprocess | undefined;

  constructor(address: IpAddress, request: EchoRequest) {
    this.#address = address;
    this.#request = request;
    this.reply = new Promise((resolve, reject) => {
      this.#settle = (result) => (result instanceof Error ? reject(result) : resolve(result));
    });
    // Whoever cancels need not listen.
    this.reply.catch(() => {});
  }

  cancel(): void {
    this.end(new ProbeFailure('timeout', 'no echo reply by the time ping was given up'));
    this.#child?.kill();
  }

  /** Resolves when the process is gone. Rejects when there could be none, or when it says that there is no reply. */
  async run(program: PingProgram, clock: Clock): Promise<void> {
    if (this.isOver) return;
    this.isStarted = true;
    const args = pingArguments(program, this.#address, this.#request);
    const startedAt = clock.now();
    this.#child = new Subprocess(program.file, 'ping', args);
    const outcome = await this.#inTime(this.#child);
    const took = clock.now() - startedAt;
    const reply = judgePing(outcome, this.#address);
    const { rttMs } = reply;
    this.end({ ...reply, ...(rttMs !== undefined && { setupMs: Math.max(0, took - rttMs) }) });
  }

  end(result: EchoReply | Error): void {
    this.isOver = true;
    this.#settle(result);
  }

  async #inTime(child: Subprocess) {
    let timer = setTimeout(() => {
      // After a busy moment, what it has said in time is still unread.
      setImmediate(() => child.interrupt());
      timer = setTimeout(() => child.kill(), LAST_WORDS_MS);
    }, this.#request.timeoutMs);
    try {
      return await child.ended;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Why ping was not started: the system's errors in words that help, those that pass as they are. */
function explained(error: unknown): Error {
  if (error instanceof ProbeFailure || isExporterFault(error)) return error as Error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EPERM' || code === 'EACCES') return mayNot(message, { cause: error });
  return new ProbeFailure('exporter_error', `ping cannot be started: ${message}`, { cause: error });
}
