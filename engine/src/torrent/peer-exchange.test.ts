import { seededRandom } from "@everseed/core";
import { encodePexMessage } from "@everseed/wire";
import { expect, test } from "vitest";
import type { Peer } from "../peer/peer.ts";
import { PeerExchange } from "./peer-exchange.ts";

const MINUTE_MS = 60_000;
const HINT = encodePexMessage({ added: [{ host: "10.0.0.1", port: 1 }], dropped: [] });

/** Faults of a peer whose messages arrive at these times (ms). */
function faultsOf(arrivals: readonly number[]): string[] {
  let now = 0;
  const faults: string[] = [];
  const exchange = new PeerExchange({
    peers: new Map(),
    now: () => now,
    listenPort: () => 1,
    holepunch: false,
    wantsPeers: () => false,
    onEvent: () => undefined,
    onFault: (_peer, error) => void faults.push(error.code),
  });
  const peer = { remote: "10.0.0.2:1" } as Peer;
  for (const at of arrivals) {
    now = at;
    exchange.onMessage(peer, HINT);
  }
  return faults;
}

test("a message a minute is no fault, however long each one waited on a full line", () => {
  const random = seededRandom(1);
  let last = 0;
  // A line keeps order: what waits delays what follows.
  const arrivals = Array.from({ length: 24 * 60 }, (_, minute) => {
    const waitsMs = ((random(1)[0] as number) / 256) * 2 * MINUTE_MS;
    last = Math.max(last, minute * MINUTE_MS + waitsMs);
    return last;
  });
  expect(arrivals.filter((at, i) => at - (arrivals[i - 1] ?? -MINUTE_MS) < MINUTE_MS / 2).length).toBeGreaterThan(100);
  expect(faultsOf(arrivals)).toEqual([]);
});

test("two a minute are told within minutes, and a flood at once", () => {
  expect(faultsOf(Array.from({ length: 20 }, (_, i) => (i * MINUTE_MS) / 2)).length).toBeGreaterThan(0);
  expect(faultsOf(Array.from({ length: 8 }, () => 0))).toEqual(["pex-pace", "pex-pace", "pex-pace"]);
});
