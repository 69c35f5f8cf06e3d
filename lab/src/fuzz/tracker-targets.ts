/** Trackers, both sides, over HTTP, UDP and WebSockets, with the bids that they carry (docs/spec/tracker_bids.md). */
import { readFileSync } from "node:fs";
import { fromHex, fromUtf8, utf8 } from "@everseed/core";
import { decodeBidMarket, decodeTrackerBid, encodeBidMarket, encodeTrackerBid } from "@everseed/market";
import {
  announceUrl,
  decodeAnnounceResponse,
  decodeScrapeResponse,
  decodeUdpRequest,
  decodeUdpResponse,
  decodeWebSocketRequest,
  decodeWebSocketResponse,
  encodeAnnounceResponse,
  encodeFailure,
  encodeScrapeResponse,
  encodeUdpRequest,
  encodeUdpResponse,
  encodeWebSocketRequest,
  encodeWebSocketResponse,
  parseAnnounceQuery,
  parseQuery,
  parseScrapeQuery,
  scrapeUrl,
  type UdpRequest,
} from "@everseed/wire";
import { anyOf, type FuzzTarget, same, sameBytes, sample } from "./target.ts";

const ANNOUNCE = {
  infoHash: sample(20),
  peerId: sample(20, 2),
  port: 6_881,
  uploaded: 1,
  downloaded: 2,
  left: 3,
  event: "started",
  numWant: 50,
  key: 5,
} as const;
const ANSWER = {
  intervalSeconds: 1_800,
  complete: 3,
  incomplete: 4,
  warning: "slow down",
  peers: [
    { host: "10.1.2.3", port: 6_881, peerId: sample(20) },
    { host: "2001:db8::7", port: 51_413, peerId: sample(20) },
  ],
};
const BIDS = { bid: sample(154), sortByBid: sample(48) };
const BID_ANSWER = { ...ANSWER, peers: ANSWER.peers.map((peer) => ({ ...peer, bid: sample(154) })) };
const BID_ENTRY = {
  ...{ complete: 1, downloaded: 2, incomplete: 3 },
  bids: { bidders: 2, highest: 5_000n, second: 70n },
};
const ENTRY = { complete: 1, downloaded: 2, incomplete: 3 };
const NAMES = { infoHash: sample(20), peerId: sample(20, 2) };
const OFFER = { offerId: sample(20, 4), sdp: "v=0\r\ns=-\r\n" };

interface Vectors {
  readonly bid: string;
  readonly market: string;
  readonly refused: readonly { readonly bytes: string }[];
}

function vectors(): Vectors {
  const path = new URL("../../../docs/spec/tracker_bids.vectors.json", import.meta.url);
  return JSON.parse(readFileSync(path, "utf8")) as Vectors;
}

const bytes = (hex: string): Uint8Array => fromHex(hex) ?? new Uint8Array();

export const TRACKER_TARGETS: readonly FuzzTarget[] = [
  {
    name: "http-answer",
    corpus: () => [
      encodeAnnounceResponse(ANSWER, true),
      encodeAnnounceResponse(ANSWER, false),
      encodeScrapeResponse([[sample(20), ENTRY]]),
      encodeAnnounceResponse(BID_ANSWER, true),
      encodeAnnounceResponse(BID_ANSWER, false),
      encodeScrapeResponse([[sample(20), BID_ENTRY]]),
    ],
    refused: () => [encodeFailure("nope")],
    run: (input) =>
      anyOf(
        () => {
          // A warning is cut to length in bytes, and peers of a list keep ids that compact ones have not.
          const { warning: _, ...read } = decodeAnnounceResponse(input);
          const { warning: __, ...again } = decodeAnnounceResponse(encodeAnnounceResponse(read, false));
          same(again, read, "an announce answer");
        },
        () => {
          const read = decodeScrapeResponse(input);
          const entries = [...read].map(([hash, entry]) => [new Uint8Array(Buffer.from(hash, "hex")), entry] as const);
          const again = decodeScrapeResponse(encodeScrapeResponse(entries));
          same(again, read, "a scrape answer");
        },
      ),
  },
  {
    name: "http-query",
    corpus: () =>
      [ANNOUNCE, { ...ANNOUNCE, ...BIDS }].map((each) =>
        utf8(announceUrl("http://t/announce", each).split("?")[1] ?? ""),
      ),
    run: (input) => {
      const query = fromUtf8(input);
      parseQuery(query);
      const { compact: _, ...read } = parseAnnounceQuery(query);
      const { compact: __, ...again } = parseAnnounceQuery(
        announceUrl("http://t/announce", read).split("?")[1] as string,
      );
      same(again, read, "an announce");
    },
  },
  {
    name: "scrape-query",
    corpus: () =>
      [undefined, sample(48)].map((market) =>
        utf8(scrapeUrl("http://t/announce", [sample(20), sample(20, 2)], market)?.split("?")[1] ?? ""),
      ),
    run: (input) => {
      const read = parseScrapeQuery(fromUtf8(input));
      const again = scrapeUrl("http://t/announce", read.infoHashes, read.market)?.split("?")[1] ?? "";
      same(parseScrapeQuery(again), read, "a scrape");
    },
  },
  {
    name: "tracker-bid",
    corpus: () => [vectors().bid, vectors().market].map(bytes),
    refused: () => vectors().refused.map((each) => bytes(each.bytes)),
    run: (input) =>
      anyOf(
        () => sameBytes(encodeTrackerBid(decodeTrackerBid(input)), input, "a tracker bid"),
        () => sameBytes(encodeBidMarket(decodeBidMarket(input)), input, "a market"),
      ),
  },
  {
    name: "udp-request",
    corpus: () => [
      encodeUdpRequest({ action: "connect", transaction: 1 }),
      encodeUdpRequest({
        action: "announce",
        transaction: 2,
        connection: sample(8),
        announce: { ...ANNOUNCE, ...BIDS, urlData: "/announce?k=1" },
      }),
      encodeUdpRequest({
        action: "scrape",
        transaction: 3,
        connection: sample(8),
        infoHashes: [sample(20), sample(20, 2)],
      }),
    ],
    run: (input) => {
      // A URL is cut to length in bytes and written again in more of them.
      const bare = (request: UdpRequest): UdpRequest => {
        if (request.action !== "announce") return request;
        const { urlData: _, ...announce } = request.announce;
        return { ...request, announce };
      };
      const request = decodeUdpRequest(input);
      same(bare(decodeUdpRequest(encodeUdpRequest(request))), bare(request), `a UDP ${request.action}`);
    },
  },
  {
    name: "udp-response",
    corpus: () => [
      encodeUdpResponse({ action: "connect", transaction: 1, connection: sample(8) }, 4),
      encodeUdpResponse({ action: "announce", transaction: 2, answer: ANSWER }, 4),
      encodeUdpResponse({ action: "announce", transaction: 2, answer: ANSWER }, 6),
      encodeUdpResponse({ action: "scrape", transaction: 3, entries: [ENTRY] }, 4),
      encodeUdpResponse({ action: "error", transaction: 4, reason: "no" }, 4),
    ],
    run: (input) => {
      for (const family of [4, 6] as const) {
        const response = decodeUdpResponse(input, family);
        // The words of an error are for people: cut, and without control characters.
        if (response.action !== "error")
          same(decodeUdpResponse(encodeUdpResponse(response, family), family), response, `a UDP ${response.action}`);
      }
    },
  },
  {
    name: "websocket-request",
    corpus: () =>
      [
        encodeWebSocketRequest({ action: "announce", ...NAMES, uploaded: 1, downloaded: 2, left: 3, offers: [OFFER] }),
        encodeWebSocketRequest({ action: "answer", ...NAMES, toPeerId: sample(20, 3), ...OFFER }),
        encodeWebSocketRequest({ action: "scrape", infoHashes: [sample(20), sample(20, 2)] }),
        encodeWebSocketRequest({ action: "scrape", infoHashes: [sample(20)], market: sample(48) }),
        encodeWebSocketRequest({
          ...{ action: "announce", ...NAMES, uploaded: 1, downloaded: 2, left: 3, offers: [] },
          ...BIDS,
        }),
      ].map(utf8),
    run: (input) => {
      const request = decodeWebSocketRequest(input);
      same(decodeWebSocketRequest(encodeWebSocketRequest(request)), request, `a WebSocket ${request.action}`);
    },
  },
  {
    name: "websocket-response",
    corpus: () =>
      [
        encodeWebSocketResponse({ action: "announce", infoHash: sample(20), intervalSeconds: 120, warning: "slow" }),
        encodeWebSocketResponse({ action: "offer", ...NAMES, ...OFFER }),
        encodeWebSocketResponse({ action: "scrape", entries: new Map([["ab".repeat(20), ENTRY]]) }),
        encodeWebSocketResponse({ action: "scrape", entries: new Map([["ab".repeat(20), BID_ENTRY]]) }),
        encodeWebSocketResponse({ action: "failure", reason: "no" }),
      ].map(utf8),
    run: (input) => {
      const response = decodeWebSocketResponse(input);
      // Words for people are cut in bytes, and may be longer when they are written again.
      if (response.action === "failure" || ("warning" in response && response.warning !== undefined)) return;
      same(decodeWebSocketResponse(encodeWebSocketResponse(response)), response, `a WebSocket ${response.action}`);
    },
  },
];
