/**
 * The rules of torrents that change (BEP 46 over BEP 44's mutable items), as functions of what is known and what was found:
 * which sequence number a publisher signs, which item a follower believes, and when either looks again. `Publisher` and
 * `Follower` carry them out.
 *
 * Invariants: a publisher never signs two values with one number, and never takes the place of an item that it did not
 * publish unless it is told to; a follower's number only rises.
 */
import { equalBytes, type InfoHash, type RandomBytes, randomInt, wireInfoHash } from "@everseed/core";
import { type BencodeInput, decodeBencode } from "@everseed/metainfo";
import { type DhtItem, torrentOfItem } from "./items.ts";

/** BEP 44: nodes keep an item for two hours; its holders put it again every hour. */
export const KEEP_MS = 60 * 60_000;
/** After a look that found nothing, or a put that nobody took: again this soon, then after twice as long. */
const AGAIN_MS = 60_000;
/** Looks of many followers must not fall on one moment: each is early or late by up to a tenth. */
const SPREAD = 0.1;

/** An item that the holder of a key may change. */
export type MutableItem = Required<DhtItem>;

/** Which torrent a key names, and with which number it was said. */
export interface PresentTorrent {
  readonly infoHash: InfoHash;
  readonly item: MutableItem;
}

/** What was signed last with a key and salt. `value` is bencoded. */
export interface Publication {
  readonly seq: number;
  readonly value: Uint8Array;
}

/**
 * What an item says of a torrent (BEP 46's `ih`): the 20 bytes that name it on the wire. Those of version 1 where it has them,
 * so that everybody can fetch a hybrid; else the SHA-256 of version 2, truncated (BEP 52).
 */
export function torrentValue(infoHashes: readonly [InfoHash, ...InfoHash[]]): BencodeInput {
  const first = infoHashes.find(({ version }) => version === 1) ?? infoHashes[0];
  return new Map([["ih", wireInfoHash(first).slice()]]);
}

/** The torrent that the item names; undefined when it names none. */
export function presentTorrent(item: MutableItem): PresentTorrent | undefined {
  const infoHash = torrentOfItem(decodeBencode(item.value, { unsortedKeys: true }));
  return infoHash === undefined ? undefined : { infoHash, item };
}

export type PublishStep =
  /** Sign with this number; nodes that hold another than `cas` are to refuse it. */
  | { readonly type: "sign"; readonly seq: number; readonly cas?: number }
  /** The key names it already: the item is signed again as it was. */
  | { readonly type: "keep"; readonly seq: number }
  /** Somebody else who holds the key published this. */
  | { readonly type: "conflict"; readonly found: MutableItem };

/**
 * What to do to have `value` published. `last`: what this machine signed last; `found`: the newest item in the DHT. An item that
 * is newer than `last`, or as new and different, is somebody else's: it is replaced only when `replace` says so.
 */
export function publishStep(known: {
  readonly value: Uint8Array;
  readonly last: Publication | undefined;
  readonly found: MutableItem | undefined;
  readonly replace: boolean;
}): PublishStep {
  const { value, last, found, replace } = known;
  const foundSeq = found?.mutable.seq ?? -1;
  const lastSeq = last?.seq ?? -1;
  const differs = found !== undefined && !(last !== undefined && equalBytes(found.value, last.value));
  const foreign = found !== undefined && (foundSeq > lastSeq || (foundSeq === lastSeq && differs));
  const split = foreign && foundSeq === lastSeq;
  const newest = foreign ? found.value : last?.value;
  const seq = Math.max(foundSeq, lastSeq);
  // Two values under one number stay two until there is a higher one.
  if (newest !== undefined && equalBytes(newest, value) && !split) return { type: "keep", seq };
  if (foreign && !replace) return { type: "conflict", found };
  return { type: "sign", seq: Math.max(1, seq + 1), ...(found === undefined ? {} : { cas: foundSeq }) };
}

/** Whether the item was published by somebody else over ours. */
export function supersedes(found: MutableItem | undefined, ours: MutableItem): boolean {
  if (found === undefined) return false;
  const { seq } = ours.mutable;
  return found.mutable.seq > seq || (found.mutable.seq === seq && !equalBytes(found.value, ours.value));
}

export interface FollowState {
  /** The newest item that was seen. */
  readonly item?: MutableItem;
  /** The torrent that is fetched or held. */
  readonly infoHash?: InfoHash;
  /** When the item was put last, by us, or seen first. */
  readonly keptAtMs: number;
  /** Looks in a row that found nothing. */
  readonly failures: number;
}

export type FollowEffect =
  | { readonly type: "fetch"; readonly torrent: PresentTorrent }
  /** Put the item again: nodes forget it otherwise. */
  | { readonly type: "keep"; readonly item: MutableItem }
  /** Nobody has an item: told once. */
  | { readonly type: "lost" };

/**
 * After a look. An item with a higher number is believed; with a lower or the same, it is not. What we hold is put again every
 * hour (BEP 44), and whenever the look shows that others have lost it.
 */
export function followStep(
  state: FollowState,
  found: MutableItem | undefined,
  now: number,
): { readonly state: FollowState; readonly effects: readonly FollowEffect[] } {
  const effects: FollowEffect[] = [];
  const heldSeq = state.item?.mutable.seq ?? -1;
  const foundSeq = found?.mutable.seq ?? -1;
  const newer = found !== undefined && foundSeq > heldSeq;
  const item = newer ? found : state.item;
  let { infoHash, keptAtMs } = state;
  if (newer) {
    keptAtMs = now;
    const torrent = presentTorrent(found);
    if (torrent !== undefined && (infoHash === undefined || !sameName(torrent.infoHash, infoHash))) {
      infoHash = torrent.infoHash;
      effects.push({ type: "fetch", torrent });
    }
  } else if (item !== undefined && (foundSeq < heldSeq || now - keptAtMs >= KEEP_MS)) {
    keptAtMs = now;
    effects.push({ type: "keep", item });
  }
  if (found === undefined && state.failures === 0) effects.push({ type: "lost" });
  const failures = found === undefined ? state.failures + 1 : 0;
  return {
    state: { ...(item && { item }), ...(infoHash && { infoHash }), keptAtMs, failures },
    effects,
  };
}

/** When to look again. What failed is tried again sooner, and less often the longer it fails. */
export function lookDelayMs(everyMs: number, failures: number, random: RandomBytes): number {
  const wanted = failures === 0 ? everyMs : Math.min(everyMs, AGAIN_MS * 2 ** Math.min(failures - 1, 20));
  const spread = (2 * randomInt(random, 1_000_001)) / 1_000_000 - 1;
  return wanted * (1 + SPREAD * spread);
}

/** A link may name the whole of a hash that an item truncates. */
function sameName(a: InfoHash, b: InfoHash): boolean {
  return equalBytes(wireInfoHash(a), wireInfoHash(b));
}
