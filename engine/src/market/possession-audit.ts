/**
 * Proofs of possession over one connection, both roles (docs/spec/es_market.md). A node that has all of a torrent asks others
 * that say so; whoever is asked answers from its own copy. What is read is 128 KiB a challenge, at most one in ten seconds.
 */
import { type Address, type Curve, ProtocolError, type RandomBytes, type Signer } from "@everseed/core";
import {
  checkAnswer,
  checkPossessionSigner,
  chooseBlocks,
  type MarketDomain,
  type MarketMessage,
  type PossessionChallenge,
  possessionAnswer,
  signPossession,
} from "@everseed/market";
import { BLOCK_BYTES, type PieceMap } from "@everseed/metainfo";
import type { PeerData, PeerPort } from "../extension.ts";

/** A round trip that is not known yet counts as this long: what a slow line needs, and too little to fetch eight blocks far away. */
const MAX_ROUND_TRIP_MS = 1_000;
const LEAST_PAUSE_MS = 10_000;

export interface AuditInit {
  readonly port: PeerPort;
  readonly domain: MarketDomain;
  readonly signer: Signer;
  readonly curve: Curve;
  readonly random: RandomBytes;
  readonly now: () => number;
  /** Chooses the blocks that we ask for. 32 bytes, ours alone. */
  readonly secret: Uint8Array;
  /** Never used twice with one secret. */
  readonly nextCounter: () => bigint;
  readonly send: (message: MarketMessage) => void;
  readonly onProved: () => void;
  readonly onLate: () => void;
  readonly onFault: (error: ProtocolError) => void;
}

interface Asked {
  readonly challenge: PossessionChallenge;
  readonly sentAt: number;
}

export class PossessionAudit {
  readonly #init: AuditInit;
  #asked: Asked | undefined;
  #answeredAt = Number.NEGATIVE_INFINITY;
  #roundTripMs = MAX_ROUND_TRIP_MS;

  constructor(init: AuditInit) {
    this.#init = init;
  }

  /** An answer is still to come. */
  get waiting(): boolean {
    const asked = this.#asked;
    return asked !== undefined && this.#init.now() - asked.sentAt < 2 * MAX_ROUND_TRIP_MS;
  }

  /** False when there is nothing to ask for. */
  ask(): boolean {
    const { port, random, secret, nextCounter, now } = this.#init;
    const { data } = port;
    if (data?.complete !== true) return false;
    const index = indexBlocks(data.pieces);
    const blocks = chooseBlocks({
      secret,
      infoHash: port.wireInfoHash,
      counter: nextCounter(),
      blockCount: index.count,
      recentlyUploaded: (block) => data.uploadedLately(index.at(block)[0]),
    });
    if (blocks === undefined) return false;
    this.#asked = { challenge: { nonce: random(32), blocks }, sentAt: now() };
    this.#init.send({ type: "challenge", challenge: this.#asked.challenge });
    return true;
  }

  /** Answers from our own copy. Throws `ProtocolError` `possession-flood`. */
  onChallenge(challenge: PossessionChallenge, verifier: Address): void {
    const { port, now, domain, signer, send } = this.#init;
    const at = now();
    if (at - this.#answeredAt < LEAST_PAUSE_MS)
      throw new ProtocolError("possession-flood", "challenges", "one in ten seconds", "another");
    this.#answeredAt = at;
    const { data } = port;
    if (data?.complete !== true) return send({ type: "refuse", code: "possession-incomplete" });
    const { count } = indexBlocks(data.pieces);
    if (challenge.blocks.some((block) => block >= count)) return send({ type: "refuse", code: "possession-blocks" });
    const parties = { infoHash: port.wireInfoHash, verifier, prover: signer.address };
    readBlocks(data, challenge.blocks).then(
      (blocks) => {
        const answer = possessionAnswer(challenge.nonce, parties, blocks);
        const statement = { nonce: challenge.nonce, answer };
        const role = { domain, infoHash: port.wireInfoHash, verifier };
        send({ type: "proof", ...statement, signature: signPossession(statement, role, signer) });
      },
      () => send({ type: "refuse", code: "possession-unreadable" }),
    );
  }

  /** Throws `ProtocolError` `possession-*` or `market-signature`; a wrong answer is told to `onFault` a little later. */
  onProof(proof: Extract<MarketMessage, { type: "proof" }>, prover: Address): void {
    const { port, now, domain, signer, curve, onProved, onLate, onFault } = this.#init;
    const asked = this.#asked;
    if (asked === undefined)
      throw new ProtocolError("possession-nonce", "possession proof", "one that was asked for", "another");
    this.#asked = undefined;
    const role = { domain, infoHash: port.wireInfoHash, verifier: signer.address };
    checkPossessionSigner(proof, { ...role, nonce: asked.challenge.nonce, prover, curve });
    const { data } = port;
    if (data === undefined) return;
    const receivedAt = now();
    const roundTripMs = this.#roundTripMs;
    this.#roundTripMs = Math.min(roundTripMs, receivedAt - asked.sentAt);
    readBlocks(data, asked.challenge.blocks).then(
      (blocks) => {
        const parties = { infoHash: port.wireInfoHash, verifier: signer.address, prover };
        try {
          checkAnswer(proof.answer, { ...parties, ...asked, roundTripMs, receivedAt, blocks });
        } catch (error) {
          // A line that is full, or a slow disk: it proves nothing, and says nothing bad of the peer.
          if (error instanceof ProtocolError && error.code === "possession-late") return onLate();
          if (error instanceof ProtocolError) return onFault(error);
          throw error;
        }
        onProved();
      },
      // Our own disk refuses: that says nothing about the peer, and the torrent finds out when it reads.
      () => undefined,
    );
  }
}

interface BlockIndex {
  readonly count: number;
  /** Piece, and where in it the block begins. */
  at(block: number): [piece: number, beginBytes: number];
}

const indices = new WeakMap<PieceMap, BlockIndex>();

/** Blocks of the torrent in order, without padding. */
function indexBlocks(pieces: PieceMap): BlockIndex {
  const known = indices.get(pieces);
  if (known !== undefined) return known;
  /** Blocks before each piece. */
  const before = new Float64Array(pieces.pieceCount + 1);
  for (let piece = 0; piece < pieces.pieceCount; piece++)
    before[piece + 1] = (before[piece] as number) + pieces.blockCount(piece);
  const index: BlockIndex = {
    count: before[pieces.pieceCount] as number,
    at(block) {
      let low = 0;
      let high = pieces.pieceCount - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if ((before[middle] as number) <= block) low = middle;
        else high = middle - 1;
      }
      return [low, (block - (before[low] as number)) * BLOCK_BYTES];
    },
  };
  indices.set(pieces, index);
  return index;
}

async function readBlocks(data: PeerData, blocks: readonly number[]): Promise<Uint8Array[]> {
  const index = indexBlocks(data.pieces);
  const out: Uint8Array[] = [];
  for (const block of blocks) {
    const [piece, begin] = index.at(block);
    const bytes = new Uint8Array(Math.min(BLOCK_BYTES, data.pieces.pieceBytes(piece) - begin));
    await data.read(piece, begin, bytes);
    out.push(bytes);
  }
  return out;
}
