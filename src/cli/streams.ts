/** Where a command writes text; a terminal says so and how wide it is. */
export type Output = {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
};

/** All that a command sees of its process, so that it runs without one in tests. */
export type Streams = {
  /** What is typed; nothing where it is not there. */
  readonly stdin?: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
};
