/** A seeder that looks again and again: what fails on the way is told, and ends nothing else. */
import { type Address, utf8 } from "@everseed/core";
import { ZERO_PRICE } from "@everseed/market";
import { dict, encodeBencode, parseTorrent } from "@everseed/metainfo";
import { expect, test } from "vitest";
import { type SeederCandidate, SeederMode, type SeederModeInit } from "./seeder-mode.ts";

const ADDRESS = `0x${"11".repeat(20)}` as Address;
const LENGTH = 5;

function candidate(name: string): SeederCandidate {
  const info = dict({ name, length: LENGTH, "piece length": 16_384, pieces: utf8("x".repeat(20)) });
  return { metainfo: parseTorrent(encodeBencode(dict({ info }))), heldBytes: LENGTH };
}

function modeOf(candidates: readonly SeederCandidate[], more: Partial<SeederModeInit>): SeederMode {
  return new SeederMode({
    candidates,
    trackers: [],
    market: { chainId: 1n, contract: ADDRESS, token: ADDRESS },
    active: 1,
    policy: { slots: 1, reserve: ZERO_PRICE, fetchPrice: ZERO_PRICE },
    fetches: false,
    everyMs: 1,
    start: async () => undefined,
    stop: async () => undefined,
    ...more,
  });
}

test("a torrent that cannot be ended is told of, and the next one runs", async () => {
  const all = [candidate("one"), candidate("two")];
  const said: string[] = [];
  const started: SeederCandidate[] = [];
  await new Promise<void>((resolve) => {
    const mode = modeOf(all, {
      start: async (one) => {
        started.push(one);
        if (started.length === 2) void mode.stop().then(resolve);
      },
      stop: async () => {
        throw new Error("busy");
      },
      // Its data is gone: it is not worth a place at the next look.
      onLook: () => {
        for (const one of started) one.heldBytes = 0;
      },
      onMessage: (message) => said.push(message),
    });
    void mode.start();
  });
  expect(new Set(started)).toEqual(new Set(all));
  expect(said).toEqual([`${started[0]?.metainfo.name}: busy`]);
});

test("a look that fails is told of, and another one follows", async () => {
  const said: string[] = [];
  let looks = 0;
  await new Promise<void>((resolve) => {
    const mode = modeOf([candidate("one")], {
      onLook: () => {
        looks++;
        if (looks === 2) throw new Error("no screen");
        if (looks === 3) void mode.stop().then(resolve);
      },
      onMessage: (message) => said.push(message),
    });
    void mode.start();
  });
  expect(said).toEqual(["Cannot look at what is bid: no screen"]);
});
