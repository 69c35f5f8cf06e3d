/**
 * The three kinds of failure (docs/errors.md): a broken invariant of ours (`assert`), a rule broken by remote input
 * (`ProtocolError`) and an operation that failed (`EverseedError`).
 */

/** An operation that failed for a reason outside the program. `code` is stable and documented. */
export class EverseedError extends Error {
  readonly code: string;
  /** True when trying the same thing again may succeed. */
  readonly retryable: boolean;
  /** What the user can do, as a sentence. */
  readonly hint: string | undefined;

  constructor(code: string, message: string, options: { retryable?: boolean; hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "EverseedError";
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.hint = options.hint;
  }
}

/** Remote or stored bytes that break a rule of a protocol. The message or its sender is dropped, never the process. */
export class ProtocolError extends Error {
  readonly code: string;
  readonly field: string;
  readonly expected: string;
  readonly received: string;

  constructor(code: string, field: string, expected: string, received: string) {
    super(`Cannot accept ${field}: expected ${expected}, received ${received}`);
    this.name = "ProtocolError";
    this.code = code;
    this.field = field;
    this.expected = expected;
    this.received = received;
  }
}

/** A broken invariant of our own: the program is wrong and must not go on. */
export function assert(condition: unknown, invariant: string): asserts condition {
  if (!condition) throw new Error(`Invariant broken: ${invariant}`);
}
