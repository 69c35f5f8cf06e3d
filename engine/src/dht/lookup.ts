/**
 * An iterative lookup (Kademlia): asks the nearest nodes known, four at a time, until the eight nearest of all that were
 * heard of have answered or failed, and so have the eight nearest of those whose address may have their id (BEP 42):
 * whoever takes ids beside a torrent at will stands in the first row only. Invariant: at most `MAX_QUERIES` questions, so it ends whatever nodes say; of one
 * address outside local networks only one node is asked.
 */
import type { Clock } from "@everseed/core";
import type { DhtNode, KrpcResponse } from "@everseed/wire";
import { compareDistance, isLocalAddress, mayHaveId } from "./node-id.ts";
import { BUCKET_SIZE } from "./routing-table.ts";

const PARALLEL = 4;
/** A node that is silent this long holds up the lookup no more; its answer still counts. */
const SLOW_MS = 1_500;
const MAX_QUERIES = 128;
const MAX_CANDIDATES = 256;

export interface LookupInit {
  readonly clock: Clock;
  readonly target: Uint8Array;
  readonly start: readonly DhtNode[];
  readonly ask: (node: DhtNode) => Promise<KrpcResponse | undefined>;
  /** The nodes that an answer names. */
  readonly nodesOf: (answer: KrpcResponse) => readonly DhtNode[];
  /** Nodes that are never asked: ourselves, and addresses that cannot be. */
  readonly refuses: (node: DhtNode) => boolean;
  readonly stopped: () => boolean;
}

export interface Found {
  readonly node: DhtNode;
  readonly answer: KrpcResponse;
}

interface Candidate {
  readonly node: DhtNode;
  readonly secure: boolean;
  state: "new" | "asked" | "slow" | "answered" | "failed";
  answer?: KrpcResponse;
}

/** Resolves with the nearest nodes that answered, at most eight of each row, nearest first. */
export function lookup(init: LookupInit): Promise<Found[]> {
  const candidates: Candidate[] = [];
  const known = new Set<string>();
  let queries = 0;

  const add = (node: DhtNode): void => {
    const name = isLocalAddress(node.host) ? `${node.host}|${node.port}` : node.host;
    if (known.has(name) || known.size >= MAX_CANDIDATES * 4 || init.refuses(node)) return;
    known.add(name);
    const at = candidates.findIndex((other) => compareDistance(init.target, node.id, other.node.id) < 0);
    const candidate: Candidate = { node, secure: mayHaveId(node.host, node.id), state: "new" };
    if (at < 0) candidates.push(candidate);
    else candidates.splice(at, 0, candidate);
    if (candidates.length > MAX_CANDIDATES) candidates.splice(leastUseful(candidates), 1);
  };
  for (const node of init.start) add(node);

  return new Promise((resolve) => {
    let ended = false;
    const end = (): void => {
      if (ended) return;
      ended = true;
      const rows = new Rows();
      resolve(
        candidates.flatMap(({ node, answer, secure }) =>
          answer === undefined || !rows.take(secure) ? [] : [{ node, answer }],
        ),
      );
    };
    const step = (): void => {
      if (ended) return;
      if (init.stopped()) return end();
      let waiting = candidates.filter(({ state }) => state === "asked").length;
      // Only what could still be among the nearest is worth asking.
      const rows = new Rows();
      for (const candidate of candidates) {
        if (rows.full || waiting >= PARALLEL || queries >= MAX_QUERIES) break;
        if (candidate.state === "failed" || candidate.state === "slow") continue;
        if (!rows.take(candidate.secure) || candidate.state !== "new") continue;
        waiting++;
        ask(candidate);
      }
      if (waiting === 0) end();
    };
    const ask = (candidate: Candidate): void => {
      candidate.state = "asked";
      queries++;
      const cancel = init.clock.after(SLOW_MS, () => {
        if (candidate.state === "asked") candidate.state = "slow";
        step();
      });
      void init.ask(candidate.node).then((answer) => {
        cancel();
        candidate.state = answer === undefined ? "failed" : "answered";
        if (answer !== undefined && !ended) {
          candidate.answer = answer;
          for (const node of init.nodesOf(answer)) add(node);
        }
        step();
      });
    };
    step();
  });
}

/** The two rows of a lookup, filled from the nearest candidate outwards: of all nodes, and of those with proper ids. */
class Rows {
  #all = 0;
  #secure = 0;

  get full(): boolean {
    return this.#all >= BUCKET_SIZE && this.#secure >= BUCKET_SIZE;
  }

  /** True when the next candidate is in one of them. */
  take(secure: boolean): boolean {
    const inAll = this.#all < BUCKET_SIZE;
    const inSecure = secure && this.#secure < BUCKET_SIZE;
    if (inAll) this.#all++;
    if (inSecure) this.#secure++;
    return inAll || inSecure;
  }
}

/** The farthest candidate that nothing has been asked of; one with an improper id before one without. */
function leastUseful(candidates: readonly Candidate[]): number {
  for (const secure of [false, true]) {
    for (let i = candidates.length - 1; i >= BUCKET_SIZE; i--) {
      const candidate = candidates[i] as Candidate;
      if (candidate.state === "new" && candidate.secure === secure) return i;
    }
  }
  return candidates.length - 1;
}
