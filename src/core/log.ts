/** The levels that --log.level takes, least important first. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
type LogLevel = (typeof LOG_LEVELS)[number];

/** The forms that --log.format takes. */
export const LOG_FORMATS = ['logfmt', 'json'] as const;
type LogFormat = (typeof LOG_FORMATS)[number];

type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** One line per event: a sentence and fields. Never a secret. */
export type Logger = Readonly<Record<LogLevel, (message: string, fields?: LogFields) => void>>;

export type LogOptions = {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Where a finished line goes, newline included. */
  readonly write: (line: string) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

/** A logger that writes logfmt or JSON lines, `time`, `level` and `msg` first as Prometheus does. */
export function createLogger(options: LogOptions): Logger {
  const least = LOG_LEVELS.indexOf(options.level);
  const format = options.format === 'json' ? JSON.stringify : logfmt;
  const at = (level: LogLevel, rank: number) => (message: string, fields?: LogFields) => {
    if (rank < least) return;
    options.write(`${format({ time: new Date(options.now()).toISOString(), level, msg: message, ...fields })}\n`);
  };
  return { debug: at('debug', 0), info: at('info', 1), warn: at('warn', 2), error: at('error', 3) };
}

function logfmt(fields: LogFields): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${quoted(String(value))}`)
    .join(' ');
}

/** Quoted as JSON where a reader could be misled: spaces, quotes, equals signs and control characters (a target's text must not forge a line). */
function quoted(text: string): string {
  return /^[!#-<>-~]+$/.test(text) ? text : JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029]/g, escaped);
}

function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
