/**
 * Packets of the micro transport protocol, version 1 (BEP 29): a header of 20 bytes, a chain of extensions, and the payload.
 * Integers are big-endian. A packet that breaks the format is undefined and not an error: the port it came through is
 * shared with other protocols, and anyone can send to it.
 */

export const UtpType = { data: 0, fin: 1, state: 2, reset: 3, syn: 4 } as const;
export type UtpType = (typeof UtpType)[keyof typeof UtpType];

export const UTP_HEADER_BYTES = 20;
const VERSION = 1;
const HIGHEST_TYPE = UtpType.syn;
const SELECTIVE_ACK = 1;
/** An extension's length is one byte, and a bitmask's a multiple of four. */
export const MAX_SELECTIVE_ACK_BYTES = 252;

export interface UtpHeader {
  readonly type: UtpType;
  readonly connectionId: number;
  /** Microseconds of the sender's clock, modulo 2^32. */
  readonly timestampUs: number;
  /** Microseconds from the other side's last timestamp to its arrival, by two clocks; 0: nothing has arrived yet. */
  readonly timestampDifferenceUs: number;
  /** What the sender still has room for. */
  readonly windowBytes: number;
  /** 16 bits. */
  readonly sequence: number;
  /** The last packet that has come in order, 16 bits. */
  readonly acknowledged: number;
}

export interface UtpPacket extends UtpHeader {
  /** Bit i, the lowest of a byte first, stands for packet `acknowledged + 2 + i`. */
  readonly selectiveAck?: Uint8Array;
  readonly payload: Uint8Array;
}

/**
 * Writes the header, and the bitmask if there is one, to the beginning of `out`; returns how many bytes they take. Numbers
 * are cut to the width of their fields. `selectiveAck` has 4 to 252 bytes, a multiple of four.
 */
export function writeUtpHeader(out: Uint8Array, header: UtpHeader, selectiveAck?: Uint8Array): number {
  out[0] = (header.type << 4) | VERSION;
  out[1] = selectiveAck === undefined ? 0 : SELECTIVE_ACK;
  writeUint16(out, 2, header.connectionId);
  writeUint32(out, 4, header.timestampUs);
  writeUint32(out, 8, header.timestampDifferenceUs);
  writeUint32(out, 12, header.windowBytes);
  writeUint16(out, 16, header.sequence);
  writeUint16(out, 18, header.acknowledged);
  if (selectiveAck === undefined) return UTP_HEADER_BYTES;
  out[20] = 0;
  out[21] = selectiveAck.length;
  out.set(selectiveAck, 22);
  return 22 + selectiveAck.length;
}

/** Extensions that are not known are passed over. The payload and the bitmask lie in the packet's own memory. */
export function decodeUtpPacket(packet: Uint8Array): UtpPacket | undefined {
  const first = packet[0] as number;
  if (packet.length < UTP_HEADER_BYTES || (first & 15) !== VERSION || first >> 4 > HIGHEST_TYPE) return undefined;
  let selectiveAck: Uint8Array | undefined;
  let at = UTP_HEADER_BYTES;
  for (let extension = packet[1] as number; extension !== 0; ) {
    const next = packet[at];
    const length = packet[at + 1];
    if (next === undefined || length === undefined || at + 2 + length > packet.length) return undefined;
    if (extension === SELECTIVE_ACK) {
      // Multiples of four by the BEP; libtorrent sends any length.
      selectiveAck = packet.subarray(at + 2, at + 2 + length);
    }
    at += 2 + length;
    extension = next;
  }
  return {
    type: (first >> 4) as UtpType,
    connectionId: readUint16(packet, 2),
    timestampUs: readUint32(packet, 4),
    timestampDifferenceUs: readUint32(packet, 8),
    windowBytes: readUint32(packet, 12),
    sequence: readUint16(packet, 16),
    acknowledged: readUint16(packet, 18),
    payload: packet.subarray(at),
    ...(selectiveAck === undefined ? {} : { selectiveAck }),
  };
}

// A DataView for each packet costs more than all its fields.

function writeUint16(out: Uint8Array, at: number, value: number): void {
  out[at] = value >>> 8;
  out[at + 1] = value;
}

function writeUint32(out: Uint8Array, at: number, value: number): void {
  out[at] = value >>> 24;
  out[at + 1] = value >>> 16;
  out[at + 2] = value >>> 8;
  out[at + 3] = value;
}

function readUint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

function readUint32(bytes: Uint8Array, at: number): number {
  return ((readUint16(bytes, at) << 16) | readUint16(bytes, at + 2)) >>> 0;
}
