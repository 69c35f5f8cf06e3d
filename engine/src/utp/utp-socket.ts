/**
 * One uTP connection (BEP 29) as a state machine: packets, the owner's calls and the passing of time go in, packets and the
 * stream come out by way of `UtpEvents`. It knows no clock and no network; `now` is milliseconds of the caller's clock.
 *
 * What arrives is acknowledged when the caller says that a burst is over (`flush`), or after 32 packets. An incoming
 * connection is announced by its first packet after the SYN, which proves that the address is the sender's.
 *
 * Invariant: `ended` is called once, and after it nothing of the stream is handed on.
 */
import { UTP_HEADER_BYTES, type UtpPacket, UtpType, writeUtpHeader } from "@everseed/wire";
import { Outgoing, PACKET_BYTES } from "./outgoing.ts";
import { ReceiveWindow, type SharedRoom } from "./receive-window.ts";
import { RoundTrip } from "./round-trip.ts";
import { stepped, timestampUs } from "./sequence.ts";

const ACK_AFTER_PACKETS = 32;
/** A connection that its owner has closed goes on this long without anything arriving, and in all. */
const LINGER_MS = 60_000;
const MAX_LINGER_MS = 300_000;
/** How long a connection that is over answers a repeated FIN. */
const GONE_MS = 3_000;
const HALF_OPEN_MS = 10_000;
/** A SYN's address may be forged, so it does not earn more than this many answers. */
const MAX_SYN_ANSWERS = 3;
/** Below it a window is as good as closed; when it grows beyond, the other side must hear of it. */
const SMALL_WINDOW_BYTES = 2 * PACKET_BYTES;

export interface UtpEvents {
  /** The packet's memory is not written to again before the next sending of the same packet. */
  transmit(packet: Uint8Array): void;
  established(): void;
  /** `chunk` is the receiver's to keep. */
  data(chunk: Uint8Array): void;
  drain(): void;
  /** The stream is over for the owner, by either side. Once. */
  ended(error?: Error): void;
  /** `flush` is due when the burst that is being handled is over. */
  wantsFlush(): void;
}

export type UtpState = "idle" | "syn-sent" | "syn-received" | "connected" | "closing" | "closed";

export interface UtpSocketInit {
  readonly events: UtpEvents;
  readonly initiator: boolean;
  /** In packets that come; those that leave have one more, or one less when the other side began. */
  readonly receiveId: number;
  /** Of the first packet, 16 bits that nobody can guess. */
  readonly firstSequence: number;
  readonly shared: SharedRoom;
}

export class UtpSocket {
  readonly #events: UtpEvents;
  readonly #initiator: boolean;
  readonly #receiveId: number;
  readonly #sendId: number;
  readonly #firstSequence: number;
  readonly #shared: SharedRoom;
  readonly #roundTrip = new RoundTrip();
  readonly #outgoing: Outgoing;
  #received: ReceiveWindow;
  #state: UtpState = "idle";
  #peerSyn = 0;
  #differenceUs = 0;
  #ackDue = 0;
  #toldRoomBytes = 0;
  /** Of the SYN or its answer. */
  #timeoutAt = Number.POSITIVE_INFINITY;
  /** When a connection that is half open or closing is given up. */
  #deadline = Number.POSITIVE_INFINITY;
  #lingerEnd = 0;
  #synAnswers = 0;
  #paused = false;
  #ended = false;
  #endDue = false;

  constructor(init: UtpSocketInit) {
    this.#events = init.events;
    this.#initiator = init.initiator;
    this.#receiveId = init.receiveId;
    this.#sendId = (init.receiveId + (init.initiator ? 1 : -1)) & 0xffff;
    this.#firstSequence = init.firstSequence;
    this.#shared = init.shared;
    // The SYN takes the initiator's first number.
    const first = init.initiator ? stepped(init.firstSequence, 1) : init.firstSequence;
    this.#outgoing = new Outgoing(first, this.#roundTrip, {
      transmit: (packet, type, sequence, now) => {
        this.#stamp(packet, type, this.#sendId, sequence, now);
        init.events.transmit(packet);
      },
      drain: () => init.events.drain(),
      wantsFlush: () => init.events.wantsFlush(),
    });
    this.#received = new ReceiveWindow(init.shared, 0);
  }

  get state(): UtpState {
    return this.#state;
  }

  get queuedBytes(): number {
    return this.#outgoing.queuedBytes;
  }

  /** All that was to be sent has arrived, its end included; or nothing will any more. */
  get delivered(): boolean {
    return this.#state === "closed" || this.#outgoing.delivered;
  }

  connect(now: number): void {
    this.#state = "syn-sent";
    this.#sendSyn(now);
  }

  /** `syn` is the packet that began this connection. */
  accept(syn: UtpPacket, now: number): void {
    this.#state = "syn-received";
    this.#peerSyn = syn.sequence;
    this.#received.acknowledged = syn.sequence;
    this.#deadline = now + HALF_OPEN_MS;
    this.#heard(syn, now);
    this.#answerSyn(now);
  }

  /** Queues the parts; false when enough is queued, and `drain` comes. `sent`: their memory may be used again. */
  send(parts: readonly Uint8Array[], sent: (() => void) | undefined, now: number): boolean {
    if (this.#state === "closing" || this.#state === "closed") {
      sent?.();
      return false;
    }
    const room = this.#outgoing.send(parts, sent, now);
    if (this.#outgoing.overfull) this.abort(new Error("too many bytes are queued"), now);
    return room;
  }

  pause(): void {
    this.#paused = true;
  }

  /** What has waited comes with the next `flush`. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#events.wantsFlush();
  }

  /** Ends the stream behind what is queued (up to 256 KiB); `ended` comes with the next `flush`. */
  close(now: number): void {
    if (this.#state === "closed" || this.#state === "closing") return;
    this.#endDue = !this.#ended;
    this.#events.wantsFlush();
    if (this.#state !== "connected") return this.#drop(now, true);
    this.#state = "closing";
    this.#deadline = now + LINGER_MS;
    this.#lingerEnd = now + MAX_LINGER_MS;
    this.#paused = false;
    this.#received.discard();
    this.#outgoing.finish(now);
  }

  /** Breaks the connection off; the other side is told once. */
  abort(error: Error | undefined, now: number): void {
    if (this.#state === "closed") return;
    this.#drop(now, true);
    this.#end(error);
  }

  /** A packet with this connection's id from the other side's address. */
  receive(packet: UtpPacket, now: number): void {
    if (this.#state === "closed" || this.#state === "idle") return;
    if (packet.type === UtpType.syn) return this.#repeatedSyn(packet, now);
    if (this.#state === "syn-sent") return this.#synAnswered(packet, now);
    if (packet.type === UtpType.reset) {
      if (!this.#outgoing.mayReset(packet.acknowledged)) return;
      this.#drop(now, false);
      return this.#end(new Error("reset by the other side"));
    }
    const verdict = this.#outgoing.judge(packet.acknowledged);
    if (verdict === "impossible") return;
    if (this.#state === "syn-received") {
      if (verdict !== "new") return;
      this.#state = "connected";
      this.#deadline = Number.POSITIVE_INFINITY;
      this.#roundTrip.progressed();
      this.#outgoing.open(packet.windowBytes);
      this.#events.established();
      if (this.#gone()) return;
    }
    this.#heard(packet, now);
    if (verdict === "new" && this.#outgoing.acknowledged(packet, now) && this.#state === "closing")
      this.#deadline = Math.min(this.#lingerEnd, now + LINGER_MS);
    if (packet.type === UtpType.state) this.#answerIfSilent(packet, now);
    else this.#arrived(packet, now);
    this.#outgoing.pump(now, false);
    this.#settle(now);
  }

  /** The end of a burst: hands on what waits, sends what is left to send, and acknowledges. */
  flush(now: number): void {
    if (this.#endDue) this.#end(undefined);
    if (this.#state !== "connected" && this.#state !== "closing") return;
    this.#deliver(now);
    this.#outgoing.pump(now, true);
    this.#offerRoom();
    if (this.#ackDue > 0) this.#sendState(now);
    this.#settle(now);
  }

  /** To be called a few times a second. */
  tick(now: number): void {
    if (this.#state === "closed" || this.#state === "idle") return;
    if (now >= this.#deadline) return this.#expired(now);
    if (this.#state !== "connected" && this.#state !== "closing") return this.#openAgain(now);
    if (!this.#outgoing.tick(now)) return this.abort(new Error("no answer any more"), now);
    this.#offerRoom();
    if (this.#ackDue > 0) this.#sendState(now);
  }

  // --- opening ---

  #sendSyn(now: number): void {
    this.#timeoutAt = now + this.#roundTrip.timeoutMs;
    // The one packet that bears the id its sender wants to be answered with.
    this.#transmit(UtpType.syn, this.#receiveId, this.#firstSequence, now);
  }

  #openAgain(now: number): void {
    if (now < this.#timeoutAt) return;
    this.#roundTrip.timedOut();
    if (this.#state === "syn-sent") this.#sendSyn(now);
    else this.#answerSyn(now);
  }

  #answerSyn(now: number): void {
    this.#timeoutAt = now + this.#roundTrip.timeoutMs;
    if (this.#synAnswers++ >= MAX_SYN_ANSWERS) return;
    this.#transmit(UtpType.state, this.#sendId, this.#firstSequence, now);
  }

  #repeatedSyn(packet: UtpPacket, now: number): void {
    if (this.#initiator || packet.sequence !== this.#peerSyn || this.#received.acknowledged !== this.#peerSyn) return;
    if (this.#state === "syn-received" || this.#state === "connected") this.#answerSyn(now);
  }

  /** Only the answer to the SYN tells where the other side's numbers begin; its data may have been overtaken. */
  #synAnswered(packet: UtpPacket, now: number): void {
    if (packet.acknowledged !== this.#firstSequence) return;
    if (packet.type === UtpType.reset) {
      this.#drop(now, false);
      return this.#end(new Error("refused by the other side"));
    }
    if (packet.type !== UtpType.state) return;
    this.#state = "connected";
    this.#roundTrip.progressed();
    this.#received = new ReceiveWindow(this.#shared, stepped(packet.sequence, -1));
    this.#heard(packet, now);
    this.#outgoing.open(packet.windowBytes);
    // The other side takes the connection for real when it hears from us again.
    this.#ackDue++;
    this.#events.wantsFlush();
    this.#events.established();
    this.#outgoing.pump(now, false);
  }

  /** An answer to the SYN that comes again: our packet after it was lost, and we have no data that would be sent again. */
  #answerIfSilent(packet: UtpPacket, now: number): void {
    const silent = this.#outgoing.nextSequence === stepped(this.#firstSequence, 1);
    const unanswered = packet.sequence === stepped(this.#received.acknowledged, 1);
    if (this.#initiator && silent && unanswered && this.#ackDue === 0) this.#sendState(now);
  }

  // --- receiving ---

  #heard(packet: UtpPacket, now: number): void {
    this.#outgoing.heard();
    this.#differenceUs = (timestampUs(now) - packet.timestampUs) >>> 0;
  }

  #arrived(packet: UtpPacket, now: number): void {
    if (packet.type === UtpType.fin) this.#received.end(packet.sequence);
    this.#received.take(packet.sequence, packet.payload);
    this.#ackDue++;
    this.#deliver(now);
    if (this.#gone()) return;
    if (this.#ackDue >= ACK_AFTER_PACKETS) this.#sendState(now);
    else if (this.#ackDue > 0) this.#events.wantsFlush();
  }

  #deliver(now: number): void {
    if (this.#state === "closing") this.#received.discard();
    while (this.#state === "connected" && !this.#paused) {
      const chunk = this.#received.next();
      if (chunk === undefined) break;
      this.#events.data(chunk);
    }
    if (this.#state !== "connected" || !this.#received.complete || this.#received.hasWaiting) return;
    this.close(now);
    if (this.#endDue) this.#end(undefined);
  }

  /** Tells the other side of room that it does not know of. */
  #offerRoom(): void {
    if (this.#toldRoomBytes < SMALL_WINDOW_BYTES && this.#received.roomBytes >= SMALL_WINDOW_BYTES) this.#ackDue++;
  }

  // --- sending ---

  #sendState(now: number): void {
    this.#transmit(UtpType.state, this.#sendId, this.#outgoing.nextSequence, now, this.#received.selectiveAck());
    this.#ackDue = 0;
  }

  #transmit(type: UtpType, id: number, sequence: number, now: number, mask?: Uint8Array): void {
    const packet = new Uint8Array(UTP_HEADER_BYTES + (mask === undefined ? 0 : 2 + mask.length));
    this.#stamp(packet, type, id, sequence, now, mask);
    this.#events.transmit(packet);
  }

  #stamp(out: Uint8Array, type: UtpType, id: number, sequence: number, now: number, mask?: Uint8Array): void {
    const windowBytes = this.#received.roomBytes;
    this.#toldRoomBytes = windowBytes;
    // Every packet acknowledges; only what came early needs one that has the bitmask.
    if (!this.#received.hasEarly) this.#ackDue = 0;
    writeUtpHeader(
      out,
      {
        type,
        connectionId: id,
        timestampUs: timestampUs(now),
        timestampDifferenceUs: this.#differenceUs,
        windowBytes,
        sequence,
        acknowledged: this.#received.acknowledged,
      },
      mask,
    );
  }

  // --- time and the end ---

  #expired(now: number): void {
    const over = this.#state === "syn-received" || this.delivered;
    this.#drop(now, !over);
    this.#end(undefined);
  }

  /** A connection that is over stays for a little while, to acknowledge a FIN that comes again. */
  #settle(now: number): void {
    if (this.#state === "closing" && this.delivered) this.#deadline = Math.min(this.#deadline, now + GONE_MS);
  }

  /** Whether what an owner was told made it break off. */
  #gone(): boolean {
    return this.#state === "closed";
  }

  #drop(now: number, tell: boolean): void {
    const told = tell && this.#state !== "idle" && this.#state !== "closed";
    this.#state = "closed";
    if (told) this.#transmit(UtpType.reset, this.#sendId, this.#outgoing.nextSequence, now);
    this.#received.clear();
    this.#outgoing.clear();
    this.#events.wantsFlush();
  }

  #end(error: Error | undefined): void {
    this.#endDue = false;
    if (this.#ended) return;
    this.#ended = true;
    this.#events.ended(error);
  }
}
