/** Bids in the messages of trackers (docs/spec/tracker_bids.md): HTTP, UDP options (BEP 41), WebSockets; scrapes of many. */
import { readFileSync } from "node:fs";
import { fromHex, ProtocolError, toHex, utf8 } from "@everseed/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatIpv6 } from "./compact-peers.ts";
import { decodeScrapeResponse, encodeScrapeResponse, parseScrapeQuery, scrapeUrls } from "./http-scrape.ts";
import { announceUrl, decodeAnnounceResponse, encodeAnnounceResponse, parseAnnounceQuery } from "./http-tracker.ts";
import { decodeUdpRequest, encodeUdpRequest } from "./udp-tracker.ts";
import {
  decodeWebSocketRequest,
  decodeWebSocketResponse,
  encodeWebSocketRequest,
  encodeWebSocketResponse,
} from "./websocket-tracker.ts";

const vectors = JSON.parse(
  readFileSync(new URL("../../../docs/spec/tracker_bids.vectors.json", import.meta.url), "utf8"),
) as Readonly<Record<"bid" | "market" | "query" | "udpOptions", string>>;
const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const bidFields = fc.record(
  { bid: fc.uint8Array({ minLength: 1, maxLength: 255 }), sortByBid: exactly(48) },
  {
    requiredKeys: [],
  },
);
const names = { infoHash: new Uint8Array(20).fill(1), peerId: new Uint8Array(20).fill(2) };
const announce = { ...names, port: 1, uploaded: 2, downloaded: 3, left: 4, numWant: 50, key: 5 };
const price = fc.bigInt({ min: 0n, max: (1n << 96n) - 1n });
const summary = fc.record({ bidders: fc.nat(), highest: price, second: price });
const entry = fc.record(
  { complete: fc.nat(), downloaded: fc.nat(), incomplete: fc.nat(), bids: summary },
  { requiredKeys: ["complete", "downloaded", "incomplete"] },
);

describe("HTTP", () => {
  test("an announce carries the bid and the wish to see others' bids", () => {
    fc.assert(
      fc.property(bidFields, (fields) => {
        const url = announceUrl("http://t.example/announce?k=1", { ...announce, ...fields });
        expect(parseAnnounceQuery(url.split("?")[1] as string)).toEqual({ ...announce, compact: true, ...fields });
      }),
    );
    const plain = announceUrl("http://t/announce", announce).split("?")[1] as string;
    const { bid, sortByBid } = parseAnnounceQuery(`${plain}&${vectors.query}`);
    expect([toHex(bid ?? new Uint8Array()), toHex(sortByBid ?? new Uint8Array())]).toEqual([
      vectors.bid,
      vectors.market,
    ]);
    for (const bad of ["bid=", `bid=${"a".repeat(256)}`, "sort=bid", "sort=bid&market=a"])
      expect(() => parseAnnounceQuery(`${plain}&${bad}`)).toThrow(ProtocolError);
    expect(parseAnnounceQuery(`${plain}&sort=rate&market=a`).sortByBid).toBeUndefined();
  });

  test("peers keep their bids, in compact answers and in lists; a compact answer without bids has no such key", () => {
    const port = fc.integer({ min: 1, max: 65_535 });
    const peerOf = (host: fc.Arbitrary<string>) =>
      fc.record(
        { host, port, bid: fc.uint8Array({ minLength: 1, maxLength: 255 }) },
        { requiredKeys: ["host", "port"] },
      );
    const unique = { selector: ({ host, port: p }: { host: string; port: number }) => `${host}|${p}`, maxLength: 8 };
    const four = fc.uniqueArray(peerOf(fc.ipV4()), unique);
    const six = fc.uniqueArray(peerOf(exactly(16).map(formatIpv6)), unique);
    fc.assert(
      fc.property(four, six, (a, b) => {
        const answer = { intervalSeconds: 60, peers: [...a, ...b] };
        expect(decodeAnnounceResponse(encodeAnnounceResponse(answer, true))).toEqual(answer);
        expect(decodeAnnounceResponse(encodeAnnounceResponse(answer, false))).toEqual(answer);
      }),
    );
    const bare = encodeAnnounceResponse({ intervalSeconds: 60, peers: [{ host: "10.0.0.1", port: 1 }] }, true);
    expect(Buffer.from(bare).includes("bids")).toBe(false);
  });

  test("a bid that is none, and bids of peers that are not named, change nothing", () => {
    const key = Buffer.from([10, 0, 0, 1, 0, 1]).toString("latin1");
    const of = (bids: string) => Buffer.from(`d4:bids${bids}5:peers6:${key}e`, "latin1");
    const peers = [{ host: "10.0.0.1", port: 1 }];
    for (const bids of [
      "de",
      "le",
      "4:none",
      `d6:${key}i1ee`,
      `d6:${key}0:e`,
      `d6:${key}256:${"x".repeat(256)}e`,
      "d2:xx1:ye",
    ])
      expect(decodeAnnounceResponse(of(bids)).peers).toEqual(peers);
    expect(decodeAnnounceResponse(of(`d6:${key}1:be`)).peers).toEqual([{ ...peers[0], bid: utf8("b") }]);
  });

  test("a scrape's summary reads back; what is no summary is passed over", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(exactly(20), { selector: toHex, maxLength: 5 }),
        fc.array(entry),
        (hashes, entries) => {
          const files = hashes.flatMap((hash, i) => (entries[i] === undefined ? [] : [[hash, entries[i]] as const]));
          expect(decodeScrapeResponse(encodeScrapeResponse(files))).toEqual(
            new Map(files.map(([hash, each]) => [toHex(hash), each])),
          );
        },
      ),
    );
    const odd = (fields: string) => utf8(`d5:filesd20:${"a".repeat(20)}d${fields}8:completei1eeee`);
    for (const fields of ["4:bidsi-1e", `3:bid13:${"x".repeat(13)}4:bidsi1e`, "4:bids1:x"])
      expect(decodeScrapeResponse(odd(fields)).get("61".repeat(20))).toEqual({
        complete: 1,
        downloaded: 0,
        incomplete: 0,
      });
  });

  test("many torrents are scraped in URLs of the length that is allowed, each torrent once, in order", () => {
    const market = fromHex(vectors.market) as Uint8Array;
    fc.assert(
      fc.property(fc.array(exactly(20), { maxLength: 200 }), fc.integer({ min: 400, max: 9_000 }), (hashes, most) => {
        const urls = scrapeUrls("https://t.example/announce?key=x", hashes, market, most) ?? [];
        const read = urls.map((url) => parseScrapeQuery(url.split("?")[1] as string));
        expect(read.flatMap(({ infoHashes }) => infoHashes).map(toHex)).toEqual(hashes.map(toHex));
        for (const url of urls) expect(url.length).toBeLessThanOrEqual(most);
        for (const each of read) expect(toHex(each.market ?? new Uint8Array())).toBe(vectors.market);
      }),
      { numRuns: 30 },
    );
    expect(scrapeUrls("http://t/ann", [names.infoHash], market, 2_000)).toBeUndefined();
    expect(scrapeUrls("http://t/announce", [names.infoHash], market, 1)).toHaveLength(1);
    expect(() => parseScrapeQuery("bid=1&market=short")).toThrow(ProtocolError);
    expect(parseScrapeQuery("market=short")).toEqual({ infoHashes: [] });
  });
});

describe("UDP options (BEP 41)", () => {
  const packet = (fields: object): Uint8Array =>
    encodeUdpRequest({
      action: "announce",
      transaction: 1,
      connection: new Uint8Array(8),
      announce: { ...announce, ...fields },
    });
  const read = (bytes: Uint8Array) => {
    const request = decodeUdpRequest(bytes);
    return request.action === "announce" ? request.announce : undefined;
  };

  test("bid, market and URL travel together, in any number of chunks", () => {
    fc.assert(
      fc.property(bidFields, fc.stringMatching(/^[ -~]{1,600}$/), (fields, urlData) => {
        expect(read(packet({ ...fields, urlData }))).toEqual({ ...announce, ...fields, urlData });
      }),
    );
    const fields = { bid: fromHex(vectors.bid), sortByBid: fromHex(vectors.market) };
    expect(toHex(packet(fields).subarray(98))).toBe(vectors.udpOptions);
  });

  test("unknown options are passed over; an empty bid, a short market and what is cut off are none", () => {
    const plain = packet({});
    const withOptions = (...options: number[]) => {
      const { bid, sortByBid, urlData } = read(Uint8Array.from([...plain, ...options])) ?? {};
      return { bid: bid && [...bid], sortByBid: sortByBid?.length, urlData };
    };
    const none = { bid: undefined, sortByBid: undefined, urlData: undefined };
    expect(withOptions(0x99, 2, 0xe5, 1, 1, 0xe5, 2, 7, 8)).toEqual({ ...none, bid: [7, 8] });
    expect(withOptions(0xe5, 0, 0xe6, 3, 1, 2, 3)).toEqual(none);
    expect(withOptions(0xe5, 1, 7, 0xe5, 1, 8, 2, 1, 0x61)).toEqual({ ...none, bid: [7], urlData: "a" });
    expect(withOptions(0xe5, 9, 7)).toEqual(none);
    expect(withOptions(0, 0xe5, 1, 7)).toEqual(none);
    expect(withOptions(0xe6, 48, ...new Array<number>(48).fill(3))).toEqual({ ...none, sortByBid: 48 });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1_000 }), (options) => {
        const { bid, sortByBid } = read(Uint8Array.from([...plain, ...options])) ?? {};
        expect(bid === undefined || (bid.length > 0 && bid.length <= 255)).toBe(true);
        expect(sortByBid === undefined || sortByBid.length === 48).toBe(true);
      }),
    );
  });
});

describe("WebSockets", () => {
  test("announces and scrapes carry bids as strings of bytes, answers prices as digits", () => {
    fc.assert(
      fc.property(bidFields, (fields) => {
        const { uploaded, downloaded, left } = announce;
        const said = { action: "announce", ...names, uploaded, downloaded, left, offers: [], ...fields } as const;
        expect(decodeWebSocketRequest(encodeWebSocketRequest(said))).toEqual(said);
        const scrape = {
          action: "scrape",
          infoHashes: [names.infoHash],
          market: new Uint8Array(48).fill(0xfe),
        } as const;
        expect(decodeWebSocketRequest(encodeWebSocketRequest(scrape))).toEqual(scrape);
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(exactly(20).map(toHex), entry)), (files) => {
        const told = { action: "scrape", entries: new Map(files) } as const;
        expect(decodeWebSocketResponse(encodeWebSocketResponse(told))).toEqual(told);
      }),
    );
  });

  test("fields out of form are refused by name", () => {
    const named = { action: "announce", info_hash: "a".repeat(20), peer_id: "b".repeat(20) };
    const bad: object[] = [
      { bid: 1 },
      { bid: "" },
      { bid: "x".repeat(256) },
      { bid: "\u0100" },
      { sort: "bid" },
      { sort: "bid", market: "x" },
    ];
    for (const fields of bad)
      expect(() => decodeWebSocketRequest(JSON.stringify({ ...named, ...fields }))).toThrow(ProtocolError);
    const file = (fields: object) => JSON.stringify({ action: "scrape", files: { ["a".repeat(20)]: fields } });
    for (const bid of [1, "-1", "0x1", "9".repeat(30), `${1n << 96n}`])
      expect(() => decodeWebSocketResponse(file({ bids: 1, bid }))).toThrow(ProtocolError);
    expect(decodeWebSocketResponse(file({ bids: 1 }))).toMatchObject({
      entries: new Map([["61".repeat(20), { complete: 0, bids: { bidders: 1, highest: 0n, second: 0n } }]]),
    });
  });
});
