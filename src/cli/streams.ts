/** Where a command writes text; a terminal says so and how wide it is. */
export type Output = {
  /** `done` is called when the text is written, or cannot be. */
  write(text: string, done?: (error?: Error | null) => void): unknown;
  /** Bytes that wait for being written. */
  readonly writableLength?: number;
  readonly isTTY?: boolean;
  readonly columns?: number;
  /** What Node.js calls it by; there is no other way to it. */
  readonly _handle?: { setBlocking?(blocking: boolean): unknown };
};

/** All that a command sees of its process, so that it runs without one in tests. */
export type Streams = {
  /** What is typed; nothing where it is not there. */
  readonly stdin?: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
};
