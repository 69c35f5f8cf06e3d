/**
 * What a node keeps for others: peers of torrents (BEP 5) and items (BEP 44). Everything expires, and everything is
 * bounded: torrents, peers of each and of all together, items; the oldest gives way.
 */
import { type RandomBytes, sha1, toHex, utf8 } from "@everseed/core";
import { encodeCompactPeers, type PeerEndpoint } from "@everseed/wire";
import { type DhtItem, itemTarget } from "./items.ts";

const PEER_MS = 30 * 60_000;
const ITEM_MS = 2 * 60 * 60_000;
const MAX_TORRENTS = 4_000;
const MAX_PEERS = 500;
/** Of all torrents together: some twenty megabytes. */
const MAX_ALL_PEERS = 100_000;
const MAX_ITEMS = 2_000;
/** Peers in one answer: what fits a packet beside the nodes. */
const ANSWERED_PEERS = 50;
const SECRET_MS = 5 * 60_000;
const TOKEN_BYTES = 8;

export class DhtStore {
  readonly #random: RandomBytes;
  /** Torrent to peer to when it was announced. */
  readonly #peers = new Map<string, Map<string, { at: number; peer: PeerEndpoint }>>();
  readonly #items = new Map<string, { at: number; item: DhtItem }>();
  #peerCount = 0;
  #secrets: [Uint8Array, Uint8Array];
  #secretAt: number;

  constructor(random: RandomBytes, now: number) {
    this.#random = random;
    this.#secrets = [random(16), random(16)];
    this.#secretAt = now;
  }

  get torrentCount(): number {
    return this.#peers.size;
  }

  /** Of all torrents together. */
  get peerCount(): number {
    return this.#peerCount;
  }

  get itemCount(): number {
    return this.#items.size;
  }

  /** Lets the address announce for five to ten minutes (BEP 5). */
  token(host: string): Uint8Array {
    return tokenOf(this.#secrets[0], host);
  }

  accepts(token: Uint8Array | undefined, host: string): boolean {
    if (token?.length !== TOKEN_BYTES) return false;
    const given = toHex(token);
    return this.#secrets.some((secret) => toHex(tokenOf(secret, host)) === given);
  }

  addPeer(infoHash: Uint8Array, peer: PeerEndpoint, now: number): void {
    const key = toHex(infoHash);
    const peers = this.#peers.get(key) ?? new Map<string, { at: number; peer: PeerEndpoint }>();
    this.#peers.delete(key);
    this.#peers.set(key, peers);
    if (this.#peers.size > MAX_TORRENTS) this.#forgetOldest();
    const name = `${peer.host}|${peer.port}`;
    if (!peers.delete(name)) this.#peerCount++;
    peers.set(name, { at: now, peer });
    if (peers.size > MAX_PEERS) {
      deleteFirst(peers);
      this.#peerCount--;
    }
    while (this.#peerCount > MAX_ALL_PEERS) this.#forgetOldest();
  }

  /** The torrent that was announced longest ago. */
  #forgetOldest(): void {
    for (const [torrent, peers] of this.#peers) {
      this.#peers.delete(torrent);
      this.#peerCount -= peers.size;
      return;
    }
  }

  /** Compact addresses of peers of one family, a random part of them when there are many. */
  peers(infoHash: Uint8Array, family: 4 | 6): Uint8Array[] {
    const all = [...(this.#peers.get(toHex(infoHash))?.values() ?? [])].flatMap(({ peer }) => {
      const compact = encodeCompactPeers([peer], family);
      return compact.length === 0 ? [] : [compact];
    });
    if (all.length <= ANSWERED_PEERS) return all;
    const [offset = 0] = new Uint32Array(this.#random(4).slice().buffer);
    return Array.from({ length: ANSWERED_PEERS }, (_, i) => all[(offset + i) % all.length] as Uint8Array);
  }

  item(target: Uint8Array): DhtItem | undefined {
    return this.#items.get(toHex(target))?.item;
  }

  /** The item that is kept under the same name. */
  itemOf(item: DhtItem): DhtItem | undefined {
    return this.item(itemTarget(item));
  }

  setItem(item: DhtItem, now: number): void {
    const key = toHex(itemTarget(item));
    this.#items.delete(key);
    this.#items.set(key, { at: now, item });
    if (this.#items.size > MAX_ITEMS) deleteFirst(this.#items);
  }

  /** Call about once a minute: what is old goes, the secret of the tokens changes. */
  tick(now: number): void {
    if (now - this.#secretAt >= SECRET_MS) {
      this.#secrets = [this.#random(16), this.#secrets[0]];
      this.#secretAt = now;
    }
    for (const [torrent, peers] of this.#peers) {
      for (const [name, { at }] of peers) if (now - at > PEER_MS && peers.delete(name)) this.#peerCount--;
      if (peers.size === 0) this.#peers.delete(torrent);
    }
    for (const [target, { at }] of this.#items) if (now - at > ITEM_MS) this.#items.delete(target);
  }
}

function tokenOf(secret: Uint8Array, host: string): Uint8Array {
  return sha1(Uint8Array.from([...secret, ...utf8(host)])).slice(0, TOKEN_BYTES);
}

/** Maps keep the order of insertion: the first is the oldest. */
function deleteFirst(map: Map<string, unknown>): void {
  for (const key of map.keys()) {
    map.delete(key);
    return;
  }
}
