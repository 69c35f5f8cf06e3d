/**
 * A WebRTC data channel as a `Connection`. BitTorrent's stream is cut into messages of nearly 64 KiB, or of what a peer that
 * takes less says; where a message ends means nothing, as with WebTorrent. The channel copies what it is given, so parts are
 * free when `send` returns.
 *
 * A data channel cannot stop its sender: what arrives while paused is held, up to what a peer's requests can bring, and a
 * channel that brings more is closed. It begins paused, until its owner has set the handlers and calls `resume`.
 */
import { ProtocolError } from "@everseed/core";
import type { Connection, ConnectionHandlers } from "../transport.ts";

/**
 * Also peers that do not say how much they take accept 64 KiB (RFC 8841); pion reads into a buffer that is one byte shorter.
 * Each message is an event in a page, so fewer cost less; with larger ones nothing more was gained.
 */
const MESSAGE_BYTES = (1 << 16) - 1;
/** A peer that takes less than a block is not served in crumbs: its channel fails with the first message. */
const LEAST_MESSAGE_BYTES = 1 << 14;
/** `send` answers false from here on. */
const SEND_MARK_BYTES = 1 << 20;
/** `onDrain` comes when no more than this waits. */
const LOW_MARK_BYTES = 1 << 18;
/** Nobody reads what we answer: a channel takes 16 MiB at most in browsers, and fails. */
const MAX_UNSENT_BYTES = 1 << 23;
/** The largest pipeline of requests, twice. */
const MAX_HELD_BYTES = 1 << 25;

const UNSET: ConnectionHandlers = { onData() {}, onDrain() {}, onClose() {} };

export interface DataChannelOwner {
  /** `webrtc:` before the address that ICE chose, so that nobody takes it for one that can be dialled. */
  readonly remote: string;
  /** We made the offer. */
  readonly initiator: boolean;
  /** The largest message that the peer says it takes, where it does. */
  readonly maxMessageBytes: number | undefined;
  /** Closes the channel and all that it stands on. */
  close(): void;
}

/** Wraps a channel that is open. `closed` is for its owner: what the channel stands on broke. */
export function wrapDataChannel(
  channel: RTCDataChannel,
  owner: DataChannelOwner,
): { connection: Connection; closed: (error?: Error) => void } {
  const accepted = owner.maxMessageBytes ?? MESSAGE_BYTES;
  const messageBytes = Math.min(MESSAGE_BYTES, Math.max(LEAST_MESSAGE_BYTES, accepted));
  const scratch = new Uint8Array(messageBytes);
  const held: Uint8Array[] = [];
  let heldBytes = 0;
  let paused = true;
  let closed = false;

  const finish = (error?: Error): void => {
    if (closed) return;
    closed = true;
    held.length = 0;
    heldBytes = 0;
    owner.close();
    // Never inside a call of the owner's, who may be in the middle of something.
    queueMicrotask(() => connection.handlers.onClose(error));
  };
  const refuse = (expected: string, received: string): void =>
    finish(new ProtocolError("data-channel", "data channel", expected, received));

  /** Gathers small parts into one message: a block and its header leave together. */
  const write = (parts: readonly Uint8Array[]): void => {
    let filled = 0;
    for (const part of parts) {
      for (let at = 0; at < part.length; ) {
        const taken = Math.min(part.length - at, messageBytes - filled);
        scratch.set(part.subarray(at, at + taken), filled);
        filled += taken;
        at += taken;
        if (filled < messageBytes) continue;
        channel.send(scratch);
        filled = 0;
      }
    }
    if (filled > 0) channel.send(scratch.subarray(0, filled));
  };

  const connection: Connection = {
    remote: owner.remote,
    initiator: owner.initiator,
    handlers: UNSET,
    get queuedBytes() {
      return closed ? 0 : channel.bufferedAmount;
    },
    send(parts, sent) {
      let room = false;
      if (!closed) {
        try {
          write(parts);
          const unsent = channel.bufferedAmount;
          room = unsent < SEND_MARK_BYTES;
          if (unsent > MAX_UNSENT_BYTES) refuse(`at most ${MAX_UNSENT_BYTES} bytes unread`, `${unsent}`);
        } catch (error) {
          finish(error as Error);
        }
      }
      sent?.();
      return room;
    },
    pause() {
      paused = true;
    },
    resume() {
      paused = false;
      while (!paused && !closed) {
        const next = held.shift();
        if (next === undefined) return;
        heldBytes -= next.length;
        connection.handlers.onData(next);
      }
    },
    close: () => finish(),
  };

  channel.binaryType = "arraybuffer";
  channel.bufferedAmountLowThreshold = LOW_MARK_BYTES;
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (closed) return;
    if (!(data instanceof ArrayBuffer)) return refuse("bytes", typeof data);
    const chunk = new Uint8Array(data);
    if (!paused) return connection.handlers.onData(chunk);
    heldBytes += chunk.length;
    // Empty messages cost memory too.
    if (heldBytes > MAX_HELD_BYTES || held.length > MAX_HELD_BYTES / 1_024)
      return refuse(`at most ${MAX_HELD_BYTES} bytes while paused`, "more");
    held.push(chunk);
  };
  channel.onbufferedamountlow = () => {
    if (!closed) connection.handlers.onDrain();
  };
  channel.onclose = () => finish();
  return { connection, closed: finish };
}
