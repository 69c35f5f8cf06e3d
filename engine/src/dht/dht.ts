/**
 * A node of the Mainline DHT (BEP 5) for IPv4 and IPv6 at once (BEP 32): finds and announces peers of torrents, keeps and
 * fetches items (BEP 44). Its id follows from its address as others see it (BEP 42); a read-only node asks and never
 * answers (BEP 43). Socket, clock and chance are handed in, so that a thousand nodes run in one simulated process.
 *
 * Hostile neighbours: every answer is hearsay. Lookups end after a bounded number of questions, one address has one voice,
 * addresses that mean nothing outside a local network are left out, what is kept for others is bounded and expires.
 */
import { type Clock, equalBytes, type RandomBytes } from "@everseed/core";
import { asBytes } from "@everseed/metainfo";
import {
  type DhtNode,
  decodeCompactPeers,
  decodeNodes,
  decodePeerValues,
  type KrpcResponse,
  type PeerEndpoint,
  parseIpv4,
  parseIpv6,
} from "@everseed/wire";
import type { DatagramPort } from "../datagrams.ts";
import { DhtStore } from "./dht-store.ts";
import { type DhtItem, isNewer, itemTarget, mutableTarget, readItem } from "./items.ts";
import { type Found, lookup } from "./lookup.ts";
import type { MutableItem } from "./mutable-torrents.ts";
import { ID_BYTES, idWithPrefix, isLocalAddress, mayHaveId, secureId } from "./node-id.ts";
import { fieldsOf, respond } from "./responder.ts";
import { RoutingTable } from "./routing-table.ts";
import { Rpc } from "./rpc.ts";

const TICK_MS = 10_000;
const FAMILIES = [4, 6] as const;
type Family = (typeof FAMILIES)[number];
/** Strangers that must agree on our address before it is believed. */
const ADDRESS_VOTES = 3;
const MAX_VOTES = 64;
/** With fewer nodes than this we ask the bootstrap nodes again. */
const FEW_NODES = 4;
/** Strangers who asked us something and are pinged in turn, in ten seconds. */
const CONSIDERED_PER_TICK = 32;
const BOOTSTRAP_AGAIN_MS = 60_000;

export interface DhtInit {
  readonly port: DatagramPort;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** Nodes to begin with; hosts may be names. */
  readonly bootstrap: readonly PeerEndpoint[];
  /** Addresses of a host name. Without it only addresses are used. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
  /** From `nodes()` of an earlier run. */
  readonly nodes?: readonly PeerEndpoint[];
  /** @default false */
  readonly readOnly?: boolean;
  /** Believes in private and loopback addresses, as on a network of one's own. @default false */
  readonly local?: boolean;
}

export interface DhtStats {
  readonly nodes: number;
  readonly nodes6: number;
  readonly torrents: number;
  readonly items: number;
}

export class Dht {
  readonly #init: DhtInit;
  readonly #rpc: Rpc;
  readonly #store: DhtStore;
  #tables: { 4: RoutingTable; 6: RoutingTable };
  /** Our address as others see it, by who says so. */
  readonly #votes = new Map<string, string>();
  #cancel: (() => void) | undefined;
  #running = false;
  /** Strangers that were pinged since the last tick. */
  #considered = 0;
  #bootstrappedAt = Number.NEGATIVE_INFINITY;

  constructor(init: DhtInit) {
    this.#init = init;
    const id = init.random(ID_BYTES);
    this.#tables = { 4: new RoutingTable(id), 6: new RoutingTable(id) };
    this.#store = new DhtStore(init.random, init.clock.now());
    this.#rpc = new Rpc({
      ...init,
      ownId: () => this.nodeId,
      readOnly: init.readOnly ?? false,
      onQuery: (query, from) => {
        if (!query.readOnly && this.#usable({ ...from, id: query.id })) this.#consider({ ...from, id: query.id });
        return respond({ tables: this.#tables, store: this.#store, now: () => init.clock.now() }, query, from);
      },
      onAnswer: (answer, from) => this.#heard(answer, from),
      onSilence: (from) => this.#tables[familyOf(from)].failed(from),
    });
  }

  get nodeId(): Uint8Array {
    return this.#tables[4].ownId;
  }

  get stats(): DhtStats {
    const { torrentCount: torrents, itemCount: items } = this.#store;
    return { nodes: this.#tables[4].size, nodes6: this.#tables[6].size, torrents, items };
  }

  /** Nodes to begin with the next time. */
  nodes(): PeerEndpoint[] {
    return [...this.#tables[4], ...this.#tables[6]].map(({ host, port }) => ({ host, port }));
  }

  /** Joins the network; resolves when the first lookup is over, found or not. */
  async start(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    this.#rpc.start();
    this.#scheduleTick();
    await Promise.all((this.#init.nodes ?? []).map((node) => this.addNode(node)));
    await this.#bootstrap();
  }

  stop(): void {
    this.#running = false;
    this.#cancel?.();
    this.#rpc.stop();
  }

  /** A node that may be there: named by a peer's `port` message, or by hand. Resolves when it has answered or not. */
  async addNode(node: PeerEndpoint): Promise<void> {
    if (!this.#running || node.port < 1 || node.port > 65_535) return;
    for (const host of await this.#addresses(node.host)) await this.#rpc.ask({ host, port: node.port }, "ping", {});
  }

  /** Peers of the torrent; `onPeers` hears of them as they come. Resolves when the lookup is over. */
  async getPeers(infoHash: Uint8Array, onPeers: (peers: readonly PeerEndpoint[]) => void): Promise<void> {
    await this.#eachFamily((family) => this.#peers(family, infoHash, onPeers));
  }

  /**
   * As `getPeers`, and then tells the nearest nodes that we have the torrent at `port` (TCP and uTP). Resolves with how many
   * of them took it.
   */
  async announce(
    infoHash: Uint8Array,
    port: number,
    onPeers: (peers: readonly PeerEndpoint[]) => void,
  ): Promise<number> {
    let told = 0;
    await this.#eachFamily(async (family) => {
      const found = await this.#peers(family, infoHash, onPeers);
      told += await this.#tell(found, "announce_peer", { info_hash: infoHash, port, implied_port: 0 });
    });
    return told;
  }

  /** The item that a hash names, from whoever has it. */
  async getImmutable(target: Uint8Array): Promise<DhtItem | undefined> {
    return this.#item(target, new Uint8Array());
  }

  /** The newest item of a key that anybody has; where several have its number, one whose value is not `unlike`. */
  async getMutable(
    publicKey: Uint8Array,
    salt: Uint8Array = new Uint8Array(),
    unlike?: Uint8Array,
  ): Promise<MutableItem | undefined> {
    const item = await this.#item(mutableTarget(publicKey, salt), salt, unlike);
    return item?.mutable === undefined ? undefined : { ...item, mutable: item.mutable };
  }

  /** Stores the item with the nearest nodes; resolves with how many took it. `cas`: only where the present seq is this. */
  async put(item: DhtItem, cas?: number): Promise<number> {
    const target = itemTarget(item);
    const salt = item.mutable?.salt ?? new Uint8Array();
    let stored = 0;
    await this.#eachFamily(async (family) => {
      const found = await this.#find(family, target, "get", { target });
      const fields = { ...fieldsOf(item), ...(salt.length > 0 ? { salt } : {}), ...(cas === undefined ? {} : { cas }) };
      stored += await this.#tell(found, "put", fields);
    });
    return stored;
  }

  async #item(target: Uint8Array, salt: Uint8Array, unlike?: Uint8Array): Promise<DhtItem | undefined> {
    // Where there are few nodes, others may have put it to us alone.
    let best = this.#store.item(target);
    await this.#eachFamily(async (family) => {
      for (const { answer } of await this.#find(family, target, "get", { target })) {
        const item = readItem(answer.values, target, salt);
        if (item !== undefined && (best === undefined || isNewer(item, best, unlike))) best = item;
      }
    });
    return best;
  }

  async #peers(
    family: Family,
    infoHash: Uint8Array,
    onPeers: (peers: readonly PeerEndpoint[]) => void,
  ): Promise<Found[]> {
    // Where there are few nodes, others may have announced to us alone.
    const own = this.#store.peers(infoHash, family).flatMap((compact) => decodeCompactPeers(compact, family));
    if (own.length > 0) onPeers(own);
    return this.#find(family, infoHash, "get_peers", { info_hash: infoHash }, (answer) => {
      const peers = decodePeerValues(answer.values.get("values")).filter(({ host }) => this.#believes(host));
      if (peers.length > 0) onPeers(peers);
    });
  }

  #find(
    family: Family,
    target: Uint8Array,
    method: string,
    args: Readonly<Record<string, Uint8Array>>,
    onAnswer: (answer: KrpcResponse) => void = () => undefined,
  ): Promise<Found[]> {
    return lookup({
      clock: this.#init.clock,
      target,
      start: this.#tables[family].closest(target, 16),
      ask: async (node) => {
        const answer = await this.#rpc.ask(node, method, { ...args, want: [`n${family}`] });
        if (answer !== undefined) onAnswer(answer);
        return answer;
      },
      nodesOf: ({ values }) => decodeNodes(asBytes(values.get(family === 4 ? "nodes" : "nodes6")), family),
      refuses: (node) => !this.#usable(node),
      stopped: () => !this.#running,
    });
  }

  /** Sends a query that needs a token to those that gave one; resolves with how many agreed. */
  async #tell(found: readonly Found[], method: string, args: Parameters<Rpc["ask"]>[2]): Promise<number> {
    const answers = await Promise.all(
      found.map(({ node, answer }) => {
        const token = asBytes(answer.values.get("token"));
        return token === undefined || token.length > 64 ? undefined : this.#rpc.ask(node, method, { ...args, token });
      }),
    );
    return answers.filter((answer) => answer !== undefined).length;
  }

  async #eachFamily(task: (family: Family) => Promise<unknown>): Promise<void> {
    await Promise.all(FAMILIES.filter((family) => this.#tables[family].size > 0).map(task));
  }

  /** An address that others could mean as well. */
  #believes(host: string): boolean {
    return this.#init.local === true || !isLocalAddress(host);
  }

  #usable(node: DhtNode): boolean {
    return node.port > 0 && this.#believes(node.host) && !equalBytes(node.id, this.nodeId);
  }

  /** Somebody asked us something: worth knowing when it answers. */
  #consider(node: DhtNode): void {
    if (this.#considered >= CONSIDERED_PER_TICK || !this.#tables[familyOf(node)].wants(node)) return;
    this.#considered++;
    void this.#rpc.ask(node, "ping", {});
  }

  #heard(answer: KrpcResponse, from: PeerEndpoint): void {
    const node = { ...from, id: answer.id.slice() };
    if (equalBytes(node.id, this.nodeId)) return;
    this.#tables[familyOf(from)].answered(node, this.#init.clock.now());
    if (answer.seenAs !== undefined) this.#vote(from.host, answer.seenAs.host);
  }

  /** When strangers agree on our address, our id becomes one that the address may have (BEP 42). */
  #vote(voter: string, address: string): void {
    if (isLocalAddress(address)) return;
    this.#votes.delete(voter);
    this.#votes.set(voter, address);
    if (this.#votes.size > MAX_VOTES) for (const oldest of this.#votes.keys()) return void this.#votes.delete(oldest);
    let agree = 0;
    for (const vote of this.#votes.values()) if (vote === address) agree++;
    if (agree < ADDRESS_VOTES || agree * 2 <= this.#votes.size || mayHaveId(address, this.nodeId)) return;
    const id = secureId(address, this.#init.random(ID_BYTES));
    if (id === undefined) return;
    const now = this.#init.clock.now();
    const before = this.#tables;
    this.#tables = { 4: new RoutingTable(id), 6: new RoutingTable(id) };
    for (const family of FAMILIES) for (const node of before[family]) this.#tables[family].answered(node, now);
  }

  async #bootstrap(): Promise<void> {
    this.#bootstrappedAt = this.#init.clock.now();
    await Promise.all(this.#init.bootstrap.map((node) => this.addNode(node)));
    await this.#eachFamily((family) => this.#find(family, this.nodeId, "find_node", { target: this.nodeId }));
  }

  async #addresses(host: string): Promise<readonly string[]> {
    if (parseIpv4(host) !== undefined || parseIpv6(host) !== undefined) return [host];
    try {
      return (await this.#init.resolve?.(host)) ?? [];
    } catch {
      return [];
    }
  }

  #scheduleTick(): void {
    this.#cancel = this.#init.clock.after(TICK_MS, () => {
      if (!this.#running) return;
      this.#tick(this.#init.clock.now());
      this.#scheduleTick();
    });
  }

  #tick(now: number): void {
    this.#store.tick(now);
    this.#considered = 0;
    for (const family of FAMILIES) {
      const table = this.#tables[family];
      const node = table.questionable(now);
      if (node !== undefined) void this.#rpc.ask(node, "ping", {});
      const [prefix] = table.stale(now);
      if (prefix === undefined) continue;
      table.refreshed(prefix, now);
      const target = idWithPrefix(this.nodeId, prefix, this.#init.random);
      void this.#find(family, target, "find_node", { target });
    }
    const { nodes, nodes6 } = this.stats;
    if (nodes + nodes6 < FEW_NODES && now - this.#bootstrappedAt >= BOOTSTRAP_AGAIN_MS) void this.#bootstrap();
  }
}

function familyOf({ host }: PeerEndpoint): Family {
  return host.includes(":") ? 6 : 4;
}
