/**
 * Many at a time, or one alone: reads and writes pass together, and a move waits for those that run and holds up those that
 * come. Invariant: while `alone` runs nothing else does.
 */
export interface Gate {
  pass<T>(task: () => Promise<T>): Promise<T>;
  alone<T>(task: () => Promise<T>): Promise<T>;
}

export function createGate(): Gate {
  let passing = 0;
  let closed: Promise<unknown> | undefined;
  let emptied: (() => void) | undefined;
  const pass = async <T>(task: () => Promise<T>): Promise<T> => {
    while (closed !== undefined) await closed;
    passing++;
    try {
      return await task();
    } finally {
      passing--;
      if (passing === 0) emptied?.();
    }
  };
  return {
    pass,
    async alone(task) {
      while (closed !== undefined) await closed;
      const empty = new Promise<void>((resolve) => {
        if (passing === 0) resolve();
        else emptied = resolve;
      });
      const run = empty.then(task);
      const ended = (): void => {
        closed = undefined;
        emptied = undefined;
      };
      closed = run.then(ended, ended);
      return run;
    },
  };
}
