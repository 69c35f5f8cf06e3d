/** A reliable ordered byte stream to one peer: TCP, uTP, WebRTC or the simulator's network. */
export interface Connection {
  /** `host:port`, for logs and for counting faults by address. */
  readonly remote: string;
  readonly initiator: boolean;
  /** Name of its `Transport`, where that tells how others may reach the peer. */
  readonly transport?: string;
  /**
   * Sends the parts in order, without copying. Returns false when the send buffer is over its mark: wait for `onDrain`.
   * `sent` is called once when the parts' memory may be used again: they left, or never will.
   */
  send(parts: readonly Uint8Array[], sent?: () => void): boolean;
  /** Bytes handed to `send` that the operating system has not taken. */
  readonly queuedBytes: number;
  /** Stops or resumes reading from the network (back-pressure, download limits). */
  pause(): void;
  resume(): void;
  close(): void;
  /** Set once by the owner before the first chunk can arrive. */
  handlers: ConnectionHandlers;
}

export interface ConnectionHandlers {
  /** `chunk` is only lent: its memory is used again when the call returns. Until then it may be changed in place. */
  onData(chunk: Uint8Array): void;
  onDrain(): void;
  /** Called once, whichever side closed. `error` is set when the connection broke. */
  onClose(error?: Error): void;
}

export interface Transport {
  readonly name: string;
  /** Opens a connection; rejects with EverseedError `connect-failed`. The handlers must be set in the same turn. */
  connect(host: string, port: number, options: { timeoutMs: number; signal?: AbortSignal }): Promise<Connection>;
  /** Starts to accept; resolves with the port that is bound. `accept` must set the handlers before it returns. */
  listen(port: number, accept: (connection: Connection) => void, host?: string): Promise<number>;
  close(): Promise<void>;
}
