/** Keep-alives: seldom, and once soon after an encrypted greeting over uTP. */
import { expect, test } from "vitest";
import type { Peer } from "../peer/peer.ts";
import { keepAliveDue } from "./keep-alive.ts";

/** The seconds at which keep-alives are sent, where nothing else is, in the first five minutes. */
function sentAt(transport: string | undefined, encryption: Peer["encryption"]): number[] {
  const peer = { connection: { transport } as Peer["connection"], encryption, connectedAt: 500, lastSentAt: 600 };
  const out: number[] = [];
  for (let s = 1; s <= 300; s++) {
    if (!keepAliveDue(peer, s * 1_000)) continue;
    out.push(s);
    peer.lastSentAt = s * 1_000;
  }
  return out;
}

test("who was greeted over uTP in cipher hears from us again at once, whoever else after a hundred seconds", () => {
  expect(sentAt("utp", "rc4")).toEqual([2, 103, 204]);
  expect(sentAt("utp", "handshake")).toEqual([2, 103, 204]);
  for (const [transport, encryption] of [
    ["utp", "none"],
    ["tcp", "rc4"],
    [undefined, "none"],
  ] as const)
    expect(sentAt(transport, encryption)).toEqual([101, 202]);
});

test("who was sent something since needs none", () => {
  const connection = { transport: "utp" } as Peer["connection"];
  expect(keepAliveDue({ connection, encryption: "rc4", connectedAt: 0, lastSentAt: 1_500 }, 4_000)).toBe(false);
});
