/**
 * Packets that have left and are not acknowledged, in order of their numbers, and what an acknowledgement says about them.
 *
 * A packet counts as lost when one that left three sendings after it has arrived (BEP 29 counts three packets beyond it), so
 * that a second loss of the same packet is seen as well. `flightBytes` is what is thought to be on its way: neither
 * acknowledged nor lost.
 */
import type { RoundTrip } from "./round-trip.ts";
import { stepped, stepsBetween } from "./sequence.ts";

/** Of which the other side's bitmask can tell, and far less than half of the numbers there are. */
export const MAX_FLIGHT_PACKETS = 1_024;
const LOST_AFTER_SENDINGS = 3;
/** How far behind an acknowledgement may be and still belong to this connection, overtaken on its way. */
const MAX_STALE_STEPS = 4_096;

interface FlyingPacket {
  /** Header and payload; the header is written anew each time. */
  readonly bytes: Uint8Array;
  readonly payloadBytes: number;
  sentAt: number;
  /** Its place among all sendings. */
  sending: number;
  resent: boolean;
  arrived: boolean;
  lost: boolean;
}

export interface Acknowledgement {
  readonly payloadBytes: number;
  /** Something was lost that was sent after the last time the window was cut. */
  readonly congested: boolean;
  /** The number of packets that had not been acknowledged by any earlier packet. */
  readonly packets: number;
}

const NOTHING: Acknowledgement = { payloadBytes: 0, congested: false, packets: 0 };

export class SendWindow {
  readonly #roundTrip: RoundTrip;
  /** Slot of packet n is n modulo the size. */
  readonly #slots: (FlyingPacket | undefined)[] = [];
  /** The first packet that is not acknowledged. */
  #first: number;
  #count = 0;
  #sendings = 0;
  #lastArrivedSending = -1;
  #cutAtSending = -1;
  #lost = 0;
  #repeats = 0;
  #flightBytes = 0;

  constructor(firstSequence: number, roundTrip: RoundTrip) {
    this.#first = firstSequence;
    this.#roundTrip = roundTrip;
  }

  get nextSequence(): number {
    return stepped(this.#first, this.#count);
  }

  get count(): number {
    return this.#count;
  }

  get flightBytes(): number {
    return this.#flightBytes;
  }

  get full(): boolean {
    return this.#count >= MAX_FLIGHT_PACKETS;
  }

  /** Its number is `nextSequence`. */
  add(bytes: Uint8Array, payloadBytes: number, now: number): void {
    const sending = this.#sendings++;
    const packet = { bytes, payloadBytes, sentAt: now, sending, resent: false, arrived: false, lost: false };
    this.#slots[this.nextSequence % MAX_FLIGHT_PACKETS] = packet;
    this.#count++;
    this.#flightBytes += bytes.length;
  }

  /** The first packet that is thought lost. */
  nextLost(): { readonly sequence: number; readonly bytes: Uint8Array } | undefined {
    if (this.#lost === 0) return undefined;
    for (let i = 0; i < this.#count; i++) {
      const sequence = stepped(this.#first, i);
      const packet = this.#at(sequence);
      if (packet.lost) return { sequence, bytes: packet.bytes };
    }
    return undefined;
  }

  resent(sequence: number, now: number): void {
    const packet = this.#at(sequence);
    packet.lost = false;
    this.#lost--;
    packet.resent = true;
    packet.sentAt = now;
    packet.sending = this.#sendings++;
    this.#flightBytes += packet.bytes.length;
  }

  /** All that is not known to have arrived goes again: nothing came back, or the other side had no room for it. */
  loseFlight(): void {
    for (let i = 0; i < this.#count; i++) {
      const packet = this.#at(stepped(this.#first, i));
      if (!packet.arrived) this.#lose(packet);
    }
    this.#cutAtSending = this.#sendings - 1;
    this.#repeats = 0;
  }

  /** The first packet goes again. */
  loseFirst(): void {
    // An other side that takes back what it has acknowledged may have told of the first one already.
    if (this.#count > 0 && !this.#at(this.#first).arrived) this.#lose(this.#at(this.#first));
  }

  /**
   * Whether a packet that acknowledges this can be from the other side: "new" counts, "stale" was overtaken, and what is
   * neither was made up.
   */
  judge(acknowledged: number): "new" | "stale" | "impossible" {
    const before = stepped(this.#first, -1);
    if (stepsBetween(before, acknowledged) <= this.#count) return "new";
    return stepsBetween(acknowledged, before) <= MAX_STALE_STEPS ? "stale" : "impossible";
  }

  /** Whether a reset that acknowledges this is an answer to a packet of ours; one that bears no data has the next number. */
  mayReset(acknowledged: number): boolean {
    return stepsBetween(stepped(this.#first, -1), acknowledged) <= this.#count + 1;
  }

  /** `acknowledged` is judged "new". `pure`: the packet bore nothing else, so that a repeated one means a gap. */
  acknowledge(acknowledged: number, mask: Uint8Array | undefined, pure: boolean, now: number): Acknowledgement {
    const steps = stepsBetween(stepped(this.#first, -1), acknowledged);
    if (steps === 0 && mask === undefined && (!pure || this.#count === 0)) return NOTHING;
    let payloadBytes = 0;
    let packets = 0;
    const arrive = (packet: FlyingPacket): void => {
      if (packet.arrived) return;
      payloadBytes += packet.payloadBytes;
      packets++;
      this.#arrive(packet, now);
    };
    for (let i = 0; i < steps; i++) {
      const slot = this.#first % MAX_FLIGHT_PACKETS;
      arrive(this.#slots[slot] as FlyingPacket);
      this.#slots[slot] = undefined;
      this.#first = stepped(this.#first, 1);
      this.#count--;
    }
    if (mask !== undefined) {
      // The packet right after `acknowledged` is missing, or it would have been acknowledged; the bits begin after it.
      const bits = Math.min(8 * mask.length, this.#count - 1);
      for (let i = 0; i < bits; i++) {
        if (((mask[i >> 3] as number) >> (i & 7)) & 1) arrive(this.#at(stepped(this.#first, 1 + i)));
      }
    }
    this.#repeats = steps > 0 ? 0 : this.#repeats + 1;
    return { payloadBytes, packets, congested: this.#findLost(mask !== undefined) };
  }

  clear(): void {
    this.#slots.length = 0;
    this.#count = 0;
    this.#lost = 0;
    this.#flightBytes = 0;
  }

  #at(sequence: number): FlyingPacket {
    return this.#slots[sequence % MAX_FLIGHT_PACKETS] as FlyingPacket;
  }

  #arrive(packet: FlyingPacket, now: number): void {
    packet.arrived = true;
    if (packet.lost) {
      // Not lost after all, or long ago: that took as long as the answer was lost, and says nothing of the line.
      packet.lost = false;
      this.#lost--;
      return;
    }
    this.#flightBytes -= packet.bytes.length;
    const tookMs = now - packet.sentAt;
    if (!packet.resent) this.#roundTrip.sample(tookMs);
    // What comes this soon answers the first sending of a packet, and says nothing of the second.
    else if (tookMs < this.#roundTrip.meanMs / 2) return;
    this.#lastArrivedSending = Math.max(this.#lastArrivedSending, packet.sending);
  }

  #lose(packet: FlyingPacket): void {
    if (packet.lost) return;
    packet.lost = true;
    this.#lost++;
    this.#flightBytes -= packet.bytes.length;
  }

  #findLost(masked: boolean): boolean {
    let congested = false;
    // So few packets never have three beyond them (RFC 5827).
    const enough = Math.max(1, Math.min(LOST_AFTER_SENDINGS, this.#count - 1));
    const found = (packet: FlyingPacket): void => {
      if (packet.arrived || packet.lost) return;
      if (packet.sending > this.#cutAtSending) congested = true;
      this.#lose(packet);
    };
    if (masked) {
      // Numbers and sendings rise together but for packets sent again, so all before the end of the mask are looked at.
      for (let i = 0; i < this.#count; i++) {
        const packet = this.#at(stepped(this.#first, i));
        if (this.#lastArrivedSending - packet.sending >= enough) found(packet);
      }
    } else if (this.#repeats === LOST_AFTER_SENDINGS && this.#count > 0) found(this.#at(this.#first));
    if (congested) this.#cutAtSending = this.#sendings - 1;
    return congested;
  }
}
