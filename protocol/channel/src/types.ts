/**
 * The values of a payment channel (docs/spec/es_pay.md). `cumulative` and `unit` count nano base units (10^-9 of a
 * token's base unit), so that folding a lane into `cumulative` loses nothing; deposits are base units.
 */
import type { Address } from "@everseed/core";

/** What names a channel; its hash is the channel's id. */
export interface ChannelTerms {
  readonly payer: Address;
  readonly payee: Address;
  /** Key that signs vouchers for the payer. */
  readonly signer: Address;
  /** The zero address is the chain's own coin. */
  readonly token: Address;
  /** Seconds between `startClose` and `withdraw`. */
  readonly window: number;
  /** 64 bits; the upper 32 say until when the channel may be opened (`openableUntil`). */
  readonly nonce: bigint;
}

/** A run of ticks that one signature opened: tick k reveals x with keccak^k(x) = root. */
export interface Lane {
  /** 32 bytes. */
  readonly root: Uint8Array;
  /** Nano base units a step. */
  readonly unit: bigint;
  readonly maxSteps: number;
  /** Unix seconds; `NEVER` in direct mode. */
  readonly expiry: bigint;
  /** Commits to the receipt that this lane's ticks prove; 32 bytes. */
  readonly receiptHash: Uint8Array;
}

export interface Voucher {
  /** 32 bytes. */
  readonly channelId: Uint8Array;
  readonly cumulative: bigint;
  readonly lanes: readonly Lane[];
}

export interface SignedVoucher {
  readonly voucher: Voucher;
  /** 65 bytes. */
  readonly signature: Uint8Array;
}

/** The deepest tick known of a lane. */
export interface LaneProof {
  /** The lane's root. */
  readonly root: Uint8Array;
  readonly steps: number;
  /** keccak applied `steps` times to it gives the root; the root itself where `steps` is 0. */
  readonly preimage: Uint8Array;
}

export const NEVER = (1n << 64n) - 1n;
export const MAX_LANES = 8;
/** Steps that a buyer who is done signs for as a sum: proving them on chain would cost the payee 26,000 gas. */
export const SETTLE_STEPS = 512;
/** And what it has bought since its last settlement: no seller takes that for a flood. */
export const SETTLE_BYTES = 8 << 20;
/** Where a step is a piece: no more of the deposit than this is bound by one connection's lane. */
export const MAX_LANE_BYTES = 128 << 20;
/**
 * Most steps of a lane: it bounds the hashes that one message can cost its receiver (4,096 take 2 ms). The lanes that we open are as
 * long, 64 MiB where a block is a step: a signature and a durable write on both sides cost as much time as 4,000 steps. Each step
 * costs the payee 51 gas when the payer leaves without a settlement.
 */
export const MAX_STEPS = 4096;
export const MAX_UINT128 = (1n << 128n) - 1n;

/** Delivery that the ticks of a lane prove: tick k says that `bytesBefore + k * unitBytes` bytes arrived and verified. */
export interface Receipt {
  /** The 20 bytes that name the torrent on the wire. */
  readonly infoHash: Uint8Array;
  readonly uploader: Address;
  readonly downloader: Address;
  /** Bytes that earlier lanes of the same torrent, pair and epoch prove. */
  readonly bytesBefore: number;
  readonly unitBytes: number;
  /** Days since 1970-01-01 UTC. */
  readonly epoch: number;
}
