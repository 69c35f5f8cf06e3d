/**
 * Opening connections over WebRTC: an offer or an answer is a whole session description, with the candidates gathered, so
 * that one message each way is enough (WebTorrent's trackers carry no more). The `RTCPeerConnection` is the browser's, or
 * one that Node is given (`src/node/node-web-rtc.ts`).
 *
 * Invariant: attempts under way are bounded, each ends within its time, and all that it holds is closed unless it became
 * a connection.
 */
import { type Clock, EverseedError } from "@everseed/core";
import type { Connection } from "../transport.ts";
import { wrapDataChannel } from "./data-channel-connection.ts";

/** What a browser calls `RTCPeerConnection`. */
export type RtcConstructor = new (configuration?: RTCConfiguration) => RTCPeerConnection;

const DEFAULT_MAX_PENDING = 64;
/** STUN servers that do not answer hold up an offer no longer than this; what was found by then is offered. */
const GATHERING_MS = 3_000;
/** As WebTorrent has it. */
const UNANSWERED_MS = 50_000;
/** From both descriptions to the open channel. */
const OPENING_MS = 20_000;

export interface WebRtcInit {
  readonly RTCPeerConnection: RtcConstructor;
  readonly clock: Clock;
  /** STUN and TURN servers; without any, only peers that see each other's addresses meet. @default [] */
  readonly iceServers?: readonly RTCIceServer[];
  /** Offers without an answer and connections that are being opened. @default 64 */
  readonly maxPending?: number;
}

/** An offer of ours, good for 50 seconds. */
export interface MadeOffer {
  readonly sdp: string;
  /** Takes the peer's answer, once. A bad one ends the attempt. */
  accept(sdp: string): void;
  cancel(): void;
}

/** Called in the turn the channel opens; sets the connection's handlers before it returns. */
export type OnConnection = (connection: Connection) => void;

/** One `RTCPeerConnection` on its way. */
interface Attempt {
  readonly rtc: RTCPeerConnection;
  /** Ends the attempt, unless it became a connection. */
  end(): void;
  /** The time it has from now; `undefined`: it became a connection, and is no attempt any more. */
  within(delayMs: number | undefined): void;
  readonly over: boolean;
}

export class WebRtc {
  readonly #init: WebRtcInit;
  readonly #attempts = new Set<Attempt>();
  readonly #open = new Set<Connection>();
  #nextName = 1;
  #closed = false;

  constructor(init: WebRtcInit) {
    this.#init = init;
  }

  /** Offers and openings under way. */
  get pending(): number {
    return this.#attempts.size;
  }

  /** True when `offer` and `answer` have room for one more. */
  get hasRoom(): boolean {
    return !this.#closed && this.#attempts.size < (this.#init.maxPending ?? DEFAULT_MAX_PENDING);
  }

  /**
   * Makes an offer. `onFailed`: it was answered, and no connection came of it; called once. Rejects with EverseedError
   * `webrtc-busy` or `webrtc-failed`.
   */
  async offer(onConnection: OnConnection, onFailed: () => void = () => undefined): Promise<MadeOffer> {
    let answered = false;
    let opened = false;
    const attempt = this.#begin(UNANSWERED_MS, () => {
      if (answered && !opened && !this.#closed) onFailed();
    });
    const { rtc } = attempt;
    return this.#describe(attempt, async () => {
      this.#watch(attempt, rtc.createDataChannel("everseed"), true, (connection) => {
        opened = true;
        onConnection(connection);
      });
      await rtc.setLocalDescription(await rtc.createOffer());
      const sdp = await this.#gathered(rtc);
      return {
        sdp,
        accept: (answer) => {
          if (answered || attempt.over) return;
          answered = true;
          attempt.within(OPENING_MS);
          rtc.setRemoteDescription({ type: "answer", sdp: answer }).catch(() => attempt.end());
        },
        cancel: () => attempt.end(),
      };
    });
  }

  /** Answers a peer's offer. Rejects with EverseedError `webrtc-busy` or `webrtc-failed`. */
  async answer(sdp: string, onConnection: OnConnection): Promise<string> {
    const attempt = this.#begin(OPENING_MS);
    const { rtc } = attempt;
    return this.#describe(attempt, async () => {
      let first = true;
      rtc.ondatachannel = ({ channel }) => {
        // BitTorrent needs one channel; further ones stay unread and close with the connection.
        if (first) this.#watch(attempt, channel, false, onConnection);
        else channel.close();
        first = false;
      };
      await rtc.setRemoteDescription({ type: "offer", sdp });
      await rtc.setLocalDescription(await rtc.createAnswer());
      return this.#gathered(rtc);
    });
  }

  /** Ends all attempts and closes all connections. */
  close(): void {
    this.#closed = true;
    for (const attempt of [...this.#attempts]) attempt.end();
    for (const connection of [...this.#open]) connection.close();
  }

  #begin(timeoutMs: number, onEnd: () => void = () => undefined): Attempt {
    if (!this.hasRoom)
      throw new EverseedError("webrtc-busy", "Cannot open a WebRTC connection: too many are under way");
    let rtc: RTCPeerConnection;
    try {
      rtc = new this.#init.RTCPeerConnection({ iceServers: [...(this.#init.iceServers ?? [])] });
    } catch (cause) {
      throw failed(cause);
    }
    let over = false;
    const end = (): void => {
      if (over) return;
      over = true;
      cancel();
      this.#attempts.delete(attempt);
      rtc.close();
      onEnd();
    };
    let cancel = this.#init.clock.after(timeoutMs, end);
    const attempt: Attempt = {
      rtc,
      end,
      within: (delayMs) => {
        cancel();
        if (delayMs === undefined) this.#attempts.delete(attempt);
        else if (!over) cancel = this.#init.clock.after(delayMs, end);
      },
      get over() {
        return over;
      },
    };
    this.#attempts.add(attempt);
    rtc.onconnectionstatechange = () => {
      if (rtc.connectionState === "failed" || rtc.connectionState === "closed") end();
    };
    return attempt;
  }

  async #describe<T>(attempt: Attempt, work: () => Promise<T>): Promise<T> {
    try {
      const made = await work();
      if (attempt.over) throw new Error("it ended before it was described");
      return made;
    } catch (cause) {
      attempt.end();
      throw failed(cause);
    }
  }

  /** Resolves with the local description when ICE has gathered its candidates, or has had its time. */
  #gathered(rtc: RTCPeerConnection): Promise<string> {
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        rtc.onicegatheringstatechange = null;
        resolve(rtc.localDescription?.sdp ?? "");
      };
      const cancel = this.#init.clock.after(GATHERING_MS, done);
      const check = (): void => {
        if (rtc.iceGatheringState === "complete") done();
      };
      rtc.onicegatheringstatechange = check;
      check();
    });
  }

  /** Hands the channel over as a connection when it opens. */
  #watch(attempt: Attempt, channel: RTCDataChannel, initiator: boolean, onConnection: OnConnection): void {
    const { rtc } = attempt;
    const onOpen = (): void => {
      channel.onopen = null;
      if (attempt.over) return;
      // From here on the connection closes what the attempt held.
      attempt.within(undefined);
      const remote = remoteOf(rtc) ?? `webrtc:unknown-${this.#nextName++}:0`;
      const close = (): void => {
        this.#open.delete(connection);
        attempt.end();
      };
      const maxMessageBytes = rtc.sctp?.maxMessageSize;
      const { connection, closed } = wrapDataChannel(channel, { remote, initiator, maxMessageBytes, close });
      this.#open.add(connection);
      rtc.onconnectionstatechange = () => {
        if (rtc.connectionState === "failed") closed(failed(new Error("the path to the peer broke")));
        if (rtc.connectionState === "closed") closed();
      };
      onConnection(connection);
      connection.resume();
    };
    if (channel.readyState === "open") onOpen();
    else channel.onopen = onOpen;
  }
}

function failed(cause: unknown): EverseedError {
  return new EverseedError("webrtc-failed", `Cannot open a WebRTC connection: ${(cause as Error).message}`, {
    retryable: true,
    cause,
  });
}

/** The peer's address as ICE found it, where the platform tells. */
function remoteOf(rtc: RTCPeerConnection): string | undefined {
  try {
    const pair = rtc.sctp?.transport?.iceTransport?.getSelectedCandidatePair?.();
    const { address, port } = pair?.remote ?? {};
    if (typeof address !== "string" || typeof port !== "number" || !/^[0-9a-fA-F.:]+$/.test(address)) return undefined;
    return address.includes(":") ? `webrtc:[${address}]:${port}` : `webrtc:${address}:${port}`;
  } catch {
    return undefined;
  }
}
