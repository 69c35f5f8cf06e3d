/**
 * The sending half of a uTP connection (BEP 29): what is queued, what is on its way, when more may leave, and what is sent
 * again. The other half stamps the packets, because each one also acknowledges.
 *
 * Invariant: while something is queued or unacknowledged, a timeout or a probe is due, so nothing waits for ever.
 */
import { UTP_HEADER_BYTES, type UtpPacket, UtpType } from "@everseed/wire";
import { Congestion } from "./congestion.ts";
import type { RoundTrip } from "./round-trip.ts";
import { SendQueue } from "./send-queue.ts";
import { MAX_FLIGHT_PACKETS, SendWindow } from "./send-window.ts";

/** With headers of IPv6, UDP and uTP 1468 bytes, which goes through PPPoE and most tunnels in one piece. */
const PAYLOAD_BYTES = 1_400;
export const PACKET_BYTES = PAYLOAD_BYTES + UTP_HEADER_BYTES;
/** `send` answers false from here on, and `drain` comes when it is down to the second. */
const SEND_MARK_BYTES = 1 << 18;
const DRAIN_MARK_BYTES = 1 << 16;
/** An owner that goes on regardless of `send` breaks its connection here. */
const MAX_QUEUED_BYTES = 64 << 20;
/** What is sent still when the owner has closed: about what an operating system would have taken of a TCP stream. */
const LINGER_BYTES = 1 << 18;
/** Timeouts on end without any packet from the other side: a little over a minute and a half. */
const MAX_TIMEOUTS = 10;
const PROBE_AFTER_MS = 1_000;
/** Beyond two round trips: time for the other side to acknowledge. */
const RETRY_AFTER_MS = 50;

export interface OutgoingEvents {
  /** Writes the header, and sends. */
  transmit(packet: Uint8Array, type: UtpType, sequence: number, now: number): void;
  drain(): void;
  wantsFlush(): void;
}

export class Outgoing {
  readonly #events: OutgoingEvents;
  readonly #roundTrip: RoundTrip;
  readonly #flight: SendWindow;
  readonly #congestion = new Congestion({ packetBytes: PACKET_BYTES, maxBytes: MAX_FLIGHT_PACKETS * PACKET_BYTES });
  readonly #queue = new SendQueue();
  #stage: "closed" | "open" | "finishing" | "finished" = "closed";
  /** What the other side has room for. */
  #roomBytes = PACKET_BYTES;
  #timeoutAt: number | undefined;
  /** When the first packet is sent once more, well before the timeout: the last of a burst has none behind it to tell. */
  #retryAt = Number.POSITIVE_INFINITY;
  #probeAt: number | undefined;
  #unheard = 0;
  /** The window for congestion was what held back the last packet. */
  #limited = false;
  #pumping = false;
  #needsDrain = false;

  constructor(firstSequence: number, roundTrip: RoundTrip, events: OutgoingEvents) {
    this.#events = events;
    this.#roundTrip = roundTrip;
    this.#flight = new SendWindow(firstSequence, roundTrip);
  }

  get queuedBytes(): number {
    return this.#queue.bytes;
  }

  get nextSequence(): number {
    return this.#flight.nextSequence;
  }

  /** All has been acknowledged, the end of the stream included. */
  get delivered(): boolean {
    return this.#stage === "finished" && this.#flight.count === 0;
  }

  get overfull(): boolean {
    return this.#queue.bytes > MAX_QUEUED_BYTES;
  }

  /** The connection is made; `roomBytes` is what the other side has said. */
  open(roomBytes: number): void {
    this.#stage = "open";
    this.#roomBytes = roomBytes;
  }

  /** Queues the parts; false when enough is queued, and `drain` comes. */
  send(parts: readonly Uint8Array[], sent: (() => void) | undefined, now: number): boolean {
    this.#queue.add(parts, sent);
    this.pump(now, false);
    if (this.#queue.bytes < SEND_MARK_BYTES) return true;
    this.#needsDrain = true;
    return false;
  }

  /** The stream ends behind what is queued; what is beyond 256 KiB of that is dropped. */
  finish(now: number): void {
    this.#stage = "finishing";
    this.#queue.detach(LINGER_BYTES);
    this.pump(now, true);
  }

  clear(): void {
    this.#stage = "closed";
    this.#timeoutAt = undefined;
    this.#flight.clear();
    this.#queue.clear();
  }

  judge(acknowledged: number): "new" | "stale" | "impossible" {
    return this.#flight.judge(acknowledged);
  }

  mayReset(acknowledged: number): boolean {
    return this.#flight.mayReset(acknowledged);
  }

  /** The other side lives, whatever it says. */
  heard(): void {
    this.#unheard = 0;
  }

  /** What the packet, judged "new", says of ours. True when more has arrived than was known. */
  acknowledged(packet: UtpPacket, now: number): boolean {
    const reopened = this.#roomBytes === 0 && packet.windowBytes > 0;
    this.#roomBytes = packet.windowBytes;
    const pure = packet.type === UtpType.state;
    const news = this.#flight.acknowledge(packet.acknowledged, packet.selectiveAck, pure, now);
    const delayUs = packet.timestampDifferenceUs === 0 ? undefined : packet.timestampDifferenceUs;
    this.#congestion.acknowledged(news.payloadBytes, delayUs, this.#limited, now);
    if (news.congested) this.#congestion.lost();
    if (reopened) this.#flight.loseFlight(); // there was no room for what is on its way
    if (news.packets === 0 && !reopened) return false;
    this.#roundTrip.progressed();
    this.#timeoutAt = undefined;
    if (this.#flight.count > 0) this.#await(now);
    return true;
  }

  /** Sends what may leave now. `partial`: also the last, smaller packet, as no more comes in this turn. */
  pump(now: number, partial: boolean): void {
    if (this.#pumping || this.#stage === "closed") return;
    this.#pumping = true;
    do {
      this.#resendLost(now);
      while (this.#sendQueued(now, partial));
    } while (this.#drained());
    this.#pumping = false;
    if (!this.#finishing() || this.#queue.bytes > 0 || this.#flight.full) return;
    this.#stage = "finished";
    this.#sendPacket(UtpType.fin, 0, now);
  }

  /** False when the other side has been silent for too long. */
  tick(now: number): boolean {
    this.#probe(now);
    if (this.#timeoutAt === undefined) return true;
    if (now < this.#timeoutAt) {
      if (now >= this.#retryAt) this.#retry(now);
      return true;
    }
    if (++this.#unheard > MAX_TIMEOUTS) return false;
    this.#roundTrip.timedOut();
    this.#timeoutAt = now + this.#roundTrip.timeoutMs;
    // Without room over there it is no sign of a busy line.
    if (this.#roomBytes > 0) this.#congestion.timedOut();
    this.#flight.loseFlight();
    this.pump(now, true);
    return true;
  }

  #await(now: number): void {
    this.#timeoutAt = now + this.#roundTrip.timeoutMs;
    const { meanMs } = this.#roundTrip;
    this.#retryAt = meanMs > 0 ? now + 2 * meanMs + RETRY_AFTER_MS : Number.POSITIVE_INFINITY;
  }

  #retry(now: number): void {
    this.#retryAt = Number.POSITIVE_INFINITY;
    this.#flight.loseFirst();
    this.pump(now, true);
  }

  /** A method, because what is called in between may change the stage. */
  #finishing(): boolean {
    return this.#stage === "finishing";
  }

  #drained(): boolean {
    if (!this.#needsDrain || this.#stage !== "open" || this.#queue.bytes > DRAIN_MARK_BYTES) return false;
    this.#needsDrain = false;
    this.#events.drain();
    return this.#queue.bytes > 0;
  }

  #resendLost(now: number): void {
    const windowBytes = Math.min(this.#congestion.windowBytes, this.#roomBytes);
    for (let lost = this.#flight.nextLost(); lost !== undefined; lost = this.#flight.nextLost()) {
      const { sequence, bytes } = lost;
      if (this.#flight.flightBytes > 0 && this.#flight.flightBytes + bytes.length > windowBytes) return;
      this.#flight.resent(sequence, now);
      this.#events.transmit(bytes, ((bytes[0] as number) >> 4) as UtpType, sequence, now);
    }
  }

  /** Sends one packet of what is queued; false when there is no more, or nothing may leave now. */
  #sendQueued(now: number, partial: boolean): boolean {
    const flightBytes = this.#flight.flightBytes;
    let size = Math.min(this.#queue.bytes, PAYLOAD_BYTES);
    this.#limited = false;
    if (size === 0 || this.#flight.full) return false;
    if (size < PAYLOAD_BYTES && !partial && flightBytes > 0) {
      // More may come within this turn.
      this.#events.wantsFlush();
      return false;
    }
    if (flightBytes + size + UTP_HEADER_BYTES > this.#congestion.windowBytes) {
      this.#limited = true;
      return false;
    }
    if (flightBytes + size > this.#roomBytes) {
      if (flightBytes > 0 || this.#roomBytes === 0) return false;
      size = this.#roomBytes;
    }
    this.#sendPacket(UtpType.data, size, now);
    return true;
  }

  #sendPacket(type: UtpType, size: number, now: number): void {
    const packet = new Uint8Array(UTP_HEADER_BYTES + size);
    const sequence = this.#flight.nextSequence;
    this.#flight.add(packet, size, now);
    if (this.#timeoutAt === undefined) this.#await(now);
    // The type stays for when the packet is sent again.
    packet[0] = type << 4;
    if (size > 0) this.#queue.fill(packet.subarray(UTP_HEADER_BYTES));
    this.#events.transmit(packet, type, sequence, now);
  }

  /** A window that is closed is tried now and then: the packet that would have opened it may be lost. */
  #probe(now: number): void {
    const stalled = this.#roomBytes === 0 && this.#flight.count === 0 && this.#queue.bytes > 0;
    if (!stalled || this.#stage === "closed") this.#probeAt = undefined;
    else if (this.#probeAt === undefined) this.#probeAt = now + PROBE_AFTER_MS;
    else if (now >= this.#probeAt) {
      this.#probeAt = undefined;
      this.#sendPacket(UtpType.data, Math.min(this.#queue.bytes, PAYLOAD_BYTES), now);
    }
  }
}
