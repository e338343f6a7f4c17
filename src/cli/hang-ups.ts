/** Has each SIGHUP passed on to the listener, and the one that came before there was one. */
export type OnHangUp = (listener: () => void) => void;

/** Runs something that wants to know of SIGHUP later on. Until then it is remembered: a signal that nobody handles ends the process. */
export async function withHangUps<Value>(body: (onHangUp: OnHangUp) => Promise<Value>): Promise<Value> {
  let pass: (() => void) | undefined;
  let isMissed = false;
  const heard = () => {
    if (pass === undefined) isMissed = true;
    else pass();
  };
  process.on('SIGHUP', heard);
  try {
    return await body((listener) => {
      pass = listener;
      if (isMissed) listener();
    });
  } finally {
    process.off('SIGHUP', heard);
  }
}
