/**
 * How a BEP 10 extension takes part in a peer connection without knowing the engine: payments and the market. The engine gives each connection a `PeerPort` and calls the extension's methods; all counts of bytes are
 * payload (blocks) since the connection began.
 */
import type { ProtocolError } from "@everseed/core";
import type { BencodeDict, PieceMap } from "@everseed/metainfo";

export interface PeerPort {
  /** The same object for all extensions of one connection. */
  readonly connection: object;
  /** Remote address, for logs: `host:port`. */
  readonly remote: string;
  /** The 20 bytes of the handshake that name the torrent. */
  readonly wireInfoHash: Uint8Array;
  readonly localPeerId: Uint8Array;
  readonly remotePeerId: Uint8Array;
  /** Bytes that verify together: 16 KiB where v2 hashes are there, else the piece length. */
  readonly verifyUnitBytes: number;
  /** Bytes asked of this peer that came or still can. */
  readonly requestedBytes: number;
  /** Asked of this peer and still to come. Bytes. */
  readonly outstandingBytes: number;
  /** Bytes of this peer that came and were of use, and those of them that came while charged. */
  readonly receivedBytes: number;
  readonly chargedBytes: number;
  /** The peer has something that we want. */
  readonly wanted: boolean;
  /** The peer has everything, or says that it fetches nothing more: seeders are not told of pieces that they have. */
  readonly complete: boolean;
  /** What we have, for proofs that somebody holds it; undefined while the torrent is not open. */
  readonly data: PeerData | undefined;
  /** Sends one message of this extension. Ignored once the connection is closed. */
  send(payload: Uint8Array): void;
  /**
   * Caps what is uploaded to this peer, in bytes since the connection began: requests above wait in order. `undefined`
   * (the start) leaves the peer to the plain rules.
   */
  setServeAllowance(bytes: number | undefined): void;
  /**
   * Caps what is requested from this peer, in bytes since the connection began (blocks that never came count back).
   * `creditBytes` is how far the peer delivers before the verified data must be paid: when it is less than two pieces,
   * blocks are verified one by one where the torrent's hashes allow it.
   */
  setRequestAllowance(bytes: number | undefined, creditBytes: number): void;
  /** What comes from here on is to be paid, or is not; `onVerified` tells how much of that verified. @default false */
  setCharged(charged: boolean): void;
  /** Takes back what was asked of this peer and is not answered yet: it is rejected, or comes all the same. */
  takeBackRequests(): void;
  /** A peer that pays is kept unchoked apart from the free slots, for as long as this is set. */
  setPaying(paying: boolean): void;
  /** Drops the connection and counts the fault against the peer's address. */
  drop(error: ProtocolError): void;
}

/** The torrent's data on our side. */
export interface PeerData {
  readonly pieces: PieceMap;
  readonly complete: boolean;
  has(piece: number): boolean;
  /** Rejects with EverseedError `storage-*`. */
  read(piece: number, beginBytes: number, target: Uint8Array): Promise<void>;
  /** True for a block that we sent to anybody within the last quarter of an hour. */
  uploadedLately(piece: number): boolean;
}

export interface PeerExtensionSession {
  /** True while the connection has a purpose of its own: it is kept although neither side wants data of the other. */
  readonly holds?: boolean;
  /** Fields added to our extended handshake beside `m`. */
  handshakeFields(): BencodeDict;
  /** The peer's extended handshake. `supported` is false when the peer does not name this extension in `m`. */
  onHandshake(fields: BencodeDict, supported: boolean): void;
  /** One message of this extension, at most `maxMessageBytes` long. */
  onMessage(payload: Uint8Array): void;
  /** A block of ours was handed to the transport; the total that was. */
  onUploaded(totalBytes: number): void;
  /** Data of this peer was verified against the torrent's hashes; the total that was, and that of what came while charged. */
  onVerified(totalBytes: number, chargedBytes: number): void;
  /** Data of this peer failed verification. */
  onCorrupt(bytes: number): void;
  /** The torrent is complete, or nothing more is wanted of this peer. */
  onNothingWanted(): void;
  onClosed(): void;
}

export interface PeerExtension {
  /** Name in the `m` dictionary of BEP 10. */
  readonly name: string;
  readonly maxMessageBytes: number;
  connect(port: PeerPort): PeerExtensionSession;
}
