/** Of two connections to one peer, both sides keep the same; and nobody ends another's by claiming its name. */
import { expect, test } from "vitest";
import type { Peer } from "../peer/peer.ts";
import type { Connection } from "../transport.ts";
import { replaces } from "./duplicates.ts";

const [LOW, HIGH] = [new Uint8Array(20), new Uint8Array(20).fill(1)];
const connection = (initiator: boolean, remote = "192.0.2.1:5000"): Connection =>
  ({ initiator, remote }) as unknown as Connection;

function known(initiator: boolean, remotePeerId: Uint8Array): Peer & { ends: number } {
  const peer = { connection: connection(initiator), remote: "192.0.2.1:4000", connectedAt: 0, remotePeerId, ends: 0 };
  return Object.assign(peer, { close: () => void peer.ends++ }) as unknown as Peer & { ends: number };
}

test("the one that the greater id dialled is kept, whichever came first", () => {
  for (const initiator of [true, false]) {
    // Seen from both sides: what is outgoing here is incoming there.
    const here = known(!initiator, HIGH);
    const there = known(initiator, LOW);
    const kept = replaces(here, connection(initiator), LOW, 1_000);
    expect(replaces(there, connection(!initiator), HIGH, 1_000)).toBe(kept);
    expect(kept).toBe(!initiator);
    expect([here.ends, there.ends]).toEqual(kept ? [1, 1] : [0, 0]);
  }
});

test("from another host, later, or from the same side, the first stays", () => {
  const peer = known(true, HIGH);
  expect(replaces(peer, connection(false, "192.0.2.2:5000"), LOW, 0)).toBe(false);
  expect(replaces(peer, connection(false), LOW, 10_001)).toBe(false);
  expect(replaces(peer, connection(true), LOW, 0)).toBe(false);
  expect(peer.ends).toBe(0);
  expect(replaces(peer, connection(false), LOW, 0)).toBe(true);
});
