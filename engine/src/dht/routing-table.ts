/**
 * The nodes we know of one address family (BEP 5): for each length of common prefix with our id at most eight, those that
 * have answered longest first; others wait beside them. Invariant: one entry an id, and outside local networks one an
 * address, so that one machine cannot fill a bucket.
 */
import type { DhtNode } from "@everseed/wire";
import { commonPrefix, compareDistance, ID_BYTES, isLocalAddress, mayHaveId } from "./node-id.ts";

export const BUCKET_SIZE = 8;
/** After this long without an answer a node is questionable (BEP 5). */
const QUESTIONABLE_MS = 15 * 60_000;
/** A node that leaves so many queries unanswered is bad. */
const MAX_FAILURES = 2;
const MAX_WAITING = 8;

interface Entry extends DhtNode {
  answeredAt: number;
  failures: number;
  /** Its address may have its id (BEP 42). */
  readonly secure: boolean;
}

interface Bucket {
  readonly nodes: Entry[];
  readonly waiting: DhtNode[];
  changedAt: number;
}

export class RoutingTable {
  readonly ownId: Uint8Array;
  readonly #buckets = new Map<number, Bucket>();

  constructor(ownId: Uint8Array) {
    this.ownId = ownId;
  }

  get size(): number {
    let n = 0;
    for (const { nodes } of this.#buckets.values()) n += nodes.length;
    return n;
  }

  *[Symbol.iterator](): Iterator<DhtNode> {
    for (const { nodes } of this.#buckets.values()) yield* nodes;
  }

  /** The node answered us at `now` (ms). */
  answered(node: DhtNode, now: number): void {
    const bucket = this.#bucketOf(node.id, now);
    if (bucket === undefined) return;
    const known = bucket.nodes.find((one) => compareDistance(this.ownId, one.id, node.id) === 0);
    if (known !== undefined) {
      // An id at another address is somebody else who says so.
      if (known.host !== node.host || known.port !== node.port) return;
      known.answeredAt = now;
      known.failures = 0;
      bucket.changedAt = now;
      return;
    }
    if (!isLocalAddress(node.host) && this.#hasHost(node.host)) return;
    const entry = { ...node, answeredAt: now, failures: 0, secure: mayHaveId(node.host, node.id) };
    if (bucket.nodes.length >= BUCKET_SIZE) {
      const bad = bucket.nodes.findIndex(({ failures }) => failures >= MAX_FAILURES);
      const insecure = entry.secure ? bucket.nodes.findIndex(({ secure }) => !secure) : -1;
      const out = bad >= 0 ? bad : insecure;
      if (out < 0) return this.#wait(bucket, node);
      bucket.nodes.splice(out, 1);
    }
    bucket.nodes.push(entry);
    bucket.changedAt = now;
  }

  /** There is room for the node, should it answer. */
  wants(node: DhtNode): boolean {
    const prefix = commonPrefix(this.ownId, node.id);
    const nodes = this.#buckets.get(prefix)?.nodes ?? [];
    if (prefix === ID_BYTES * 8 || nodes.length >= BUCKET_SIZE) return false;
    const known = nodes.some(({ host, port }) => host === node.host && port === node.port);
    return !known && (isLocalAddress(node.host) || !this.#hasHost(node.host));
  }

  /** The node left a query unanswered. One that is bad gives its place to one that waits. */
  failed(node: Pick<DhtNode, "host" | "port">): void {
    for (const bucket of this.#buckets.values()) {
      const at = bucket.nodes.findIndex(({ host, port }) => host === node.host && port === node.port);
      const entry = bucket.nodes[at];
      if (entry === undefined) continue;
      if (++entry.failures >= MAX_FAILURES && bucket.waiting.length > 0) bucket.nodes.splice(at, 1);
      return;
    }
  }

  /** The `count` nearest to the target that are not bad. */
  closest(target: Uint8Array, count: number = BUCKET_SIZE): DhtNode[] {
    const all: Entry[] = [];
    for (const { nodes } of this.#buckets.values())
      for (const node of nodes) if (node.failures < MAX_FAILURES) all.push(node);
    return all
      .sort((a, b) => compareDistance(target, a.id, b.id))
      .slice(0, count)
      .map(({ id, host, port }) => ({ id, host, port }));
  }

  /** A node to ping: one that was silent too long, or one that waits for a place that is free. */
  questionable(now: number): DhtNode | undefined {
    for (const bucket of this.#buckets.values()) {
      const silent = bucket.nodes.find(({ answeredAt }) => now - answeredAt > QUESTIONABLE_MS);
      if (silent !== undefined) return silent;
      if (bucket.nodes.length < BUCKET_SIZE && bucket.waiting.length > 0) return bucket.waiting.shift();
    }
    return undefined;
  }

  /** Lengths of prefix whose bucket nothing has changed for a quarter of an hour. */
  stale(now: number): number[] {
    return [...this.#buckets]
      .filter(([, { changedAt }]) => now - changedAt > QUESTIONABLE_MS)
      .map(([prefix]) => prefix);
  }

  /** A lookup in the bucket has begun. */
  refreshed(prefix: number, now: number): void {
    const bucket = this.#buckets.get(prefix);
    if (bucket !== undefined) bucket.changedAt = now;
  }

  #wait(bucket: Bucket, node: DhtNode): void {
    if (bucket.waiting.some(({ host, port }) => host === node.host && port === node.port)) return;
    bucket.waiting.push(node);
    if (bucket.waiting.length > MAX_WAITING) bucket.waiting.shift();
  }

  #hasHost(host: string): boolean {
    for (const { nodes } of this.#buckets.values()) if (nodes.some((node) => node.host === host)) return true;
    return false;
  }

  #bucketOf(id: Uint8Array, now: number): Bucket | undefined {
    const prefix = commonPrefix(this.ownId, id);
    if (prefix === ID_BYTES * 8) return undefined;
    let bucket = this.#buckets.get(prefix);
    if (bucket === undefined) {
      bucket = { nodes: [], waiting: [], changedAt: now };
      this.#buckets.set(prefix, bucket);
    }
    return bucket;
  }
}
