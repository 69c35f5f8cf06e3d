/** Codecs of trackers: HTTP (BEP 3, 7, 23, 48) and UDP (BEP 15, 41). */
import { ProtocolError, toHex, utf8 } from "@everseed/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatIpv6 } from "./compact-peers.ts";
import { decodeScrapeResponse, encodeScrapeResponse, scrapeUrl } from "./http-scrape.ts";
import {
  announceUrl,
  decodeAnnounceResponse,
  encodeAnnounceResponse,
  encodeFailure,
  MAX_TRACKER_ANSWER_BYTES,
  parseAnnounceQuery,
} from "./http-tracker.ts";
import { decodeUdpRequest, decodeUdpResponse, encodeUdpRequest, encodeUdpResponse } from "./udp-tracker.ts";

const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const small = fc.integer({ min: 0, max: 0x7fff_ffff });
const request = fc.record(
  {
    infoHash: exactly(20),
    peerId: exactly(20),
    port: fc.integer({ min: 1, max: 65_535 }),
    uploaded: count,
    downloaded: count,
    left: count,
    event: fc.constantFrom("started", "completed", "stopped") as fc.Arbitrary<"started" | "completed" | "stopped">,
    numWant: fc.integer({ min: 0, max: 200 }),
    key: small,
  },
  { requiredKeys: ["infoHash", "peerId", "port", "uploaded", "downloaded", "left", "numWant"] },
);

describe("HTTP trackers", () => {
  test("an announce reads back as it was asked, whatever bytes its names have", () => {
    fc.assert(
      fc.property(request, (asked) => {
        const url = new URL(announceUrl("http://tracker.example/announce?passkey=x", asked));
        const read = parseAnnounceQuery(url.search.slice(1));
        expect(read).toMatchObject({ ...asked, compact: true });
        expect(toHex(read.infoHash)).toBe(toHex(asked.infoHash));
      }),
    );
  });

  test("scrape URLs as BEP 48 makes them", () => {
    const at = (url: string): string | undefined => scrapeUrl(url, [])?.replace(/[?&]$/, "");
    expect(at("http://example.com/announce")).toBe("http://example.com/scrape");
    expect(at("http://example.com/x/announce")).toBe("http://example.com/x/scrape");
    expect(at("http://example.com/announce.php")).toBe("http://example.com/scrape.php");
    expect(at("http://example.com/a")).toBeUndefined();
    expect(at("http://example.com/announce?x2%0644")).toBe("http://example.com/scrape?x2%0644");
    expect(at("http://example.com/x%064announce")).toBeUndefined();
  });

  test("answers read back, compact and as a list", () => {
    const answer = {
      intervalSeconds: 1_800,
      complete: 2,
      incomplete: 3,
      peers: [
        { host: "10.0.0.1", port: 6_881 },
        { host: "2001:db8::1", port: 51_413 },
      ],
    };
    expect(decodeAnnounceResponse(encodeAnnounceResponse(answer, true))).toEqual(answer);
    expect(decodeAnnounceResponse(encodeAnnounceResponse(answer, false))).toEqual(answer);
    const entry = { complete: 5, downloaded: 50, incomplete: 10 };
    const infoHash = new Uint8Array(20).fill(0xee);
    expect(decodeScrapeResponse(encodeScrapeResponse([[infoHash, entry]]))).toEqual(
      new Map([[toHex(infoHash), entry]]),
    );
  });

  test("any answer reads back; a list keeps the ids that a compact answer leaves out", () => {
    const port = fc.integer({ min: 1, max: 65_535 });
    const four = fc.record({ host: fc.ipV4(), port, peerId: exactly(20) });
    const six = fc.record({ host: exactly(16).map(formatIpv6), port, peerId: exactly(20) });
    const answers = fc.record(
      {
        intervalSeconds: small,
        minIntervalSeconds: small,
        complete: small,
        incomplete: small,
        warning: fc.stringMatching(/^[ -~]{1,60}$/),
        peers: fc.tuple(fc.array(four), fc.array(six)).map(([a, b]) => [...a, ...b]),
      },
      { requiredKeys: ["intervalSeconds", "peers"] },
    );
    fc.assert(
      fc.property(answers, (answer) => {
        const bare = { ...answer, peers: answer.peers.map(({ host, port: p }) => ({ host, port: p })) };
        expect(decodeAnnounceResponse(encodeAnnounceResponse(answer, true))).toEqual(bare);
        expect(decodeAnnounceResponse(encodeAnnounceResponse(answer, false))).toEqual(answer);
      }),
    );
  });

  test("a peer in a list has the text that a compact list gives it; what is no host is left out", () => {
    const peer = (ip: string, port: string): string => `d2:ip${ip.length}:${ip}4:porti${port}ee`;
    const list = [peer("2001:DB8:0::01", "1"), peer("010.0.0.1", "2"), peer("t.example", "3")].join("");
    const bad = [peer("a b", "4"), peer("http://x/", "5"), peer("10.0.0.1", "0"), peer("10.0.0.1", "65536"), "i1e"];
    expect(decodeAnnounceResponse(utf8(`d5:peersl${list}${bad.join("")}ee`)).peers).toEqual([
      { host: "2001:db8::1", port: 1 },
      { host: "10.0.0.1", port: 2 },
      { host: "t.example", port: 3 },
    ]);
  });

  test("the largest answer is read however deep the stack is; a larger one is refused unread", () => {
    const peers = Math.floor((MAX_TRACKER_ANSWER_BYTES - 40) / 6);
    const answer = Buffer.concat([utf8(`d5:peers${6 * peers}:`), new Uint8Array(6 * peers).fill(1), utf8("e")]);
    const below = (depth: number): number =>
      depth === 0 ? decodeAnnounceResponse(answer).peers.length : below(depth - 1);
    expect(below(5_000)).toBe(peers);
    expect(() => decodeAnnounceResponse(new Uint8Array(MAX_TRACKER_ANSWER_BYTES + 1))).toThrow(/at most/);
  });

  test("BEP 3's failure reason is the error's own words", () => {
    expect(() => decodeAnnounceResponse(encodeFailure("unregistered torrent"))).toThrow("unregistered torrent");
    for (const bad of ["", "le", "i1e", "d5:peers", "<html>"]) {
      expect(() => decodeAnnounceResponse(utf8(bad))).toThrow(ProtocolError);
    }
  });

  test("a tracker's words neither move a cursor nor turn text around", () => {
    const words = "no\u001b[31m\u202e!";
    expect(() => decodeAnnounceResponse(encodeFailure(words))).toThrow("no [31m !");
    const warned = { intervalSeconds: 1, peers: [], warning: words };
    expect(decodeAnnounceResponse(encodeAnnounceResponse(warned, true)).warning).toBe("no [31m !");
    const refusal = encodeUdpResponse({ action: "error", transaction: 1, reason: words }, 4);
    expect(decodeUdpResponse(refusal, 4)).toMatchObject({ reason: "no [31m !" });
  });

  test("numbers of an announce are decimal digits; what no number holds is the largest, as over UDP", () => {
    const good = "info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=bbbbbbbbbbbbbbbbbbbb";
    const read = (rest: string) => parseAnnounceQuery(`${good}&${rest}`);
    expect(read("port=1&left=18446744073709551615").left).toBe(Number.MAX_SAFE_INTEGER);
    expect(read("port=1&numwant=-1").numWant).toBe(50);
    expect(read("port=1&numwant=5000").numWant).toBe(200);
    for (const bad of ["port=0x10", "port=65536", "port=1e3", "port=1&left=-1", "port=1&left=1.5", "port=1&numwant=-2"])
      expect(() => read(bad)).toThrow(ProtocolError);
  });

  test("an announce without an infohash, with a short one, or without a port is refused", () => {
    const good = "info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=bbbbbbbbbbbbbbbbbbbb&port=1&uploaded=0&downloaded=0&left=0";
    expect(parseAnnounceQuery(good).port).toBe(1);
    for (const bad of [
      good.replace("info_hash", "hash"),
      good.replace("aaaaaaaaaa", "a"),
      good.replace("port=1", "port=x"),
      "",
      "%",
    ]) {
      expect(() => parseAnnounceQuery(bad)).toThrow(ProtocolError);
    }
  });
});

describe("UDP trackers (BEP 15)", () => {
  test("connect is the magic number, action 0, the transaction", () => {
    expect(toHex(encodeUdpRequest({ action: "connect", transaction: 0x01020304 }))).toBe(
      "00000417271019800000000001020304",
    );
  });

  test("an announce has 98 bytes at the BEP's offsets", () => {
    const packet = encodeUdpRequest({
      action: "announce",
      transaction: 7,
      connection: new Uint8Array(8).fill(0xcc),
      announce: {
        infoHash: new Uint8Array(20).fill(1),
        peerId: new Uint8Array(20).fill(2),
        port: 6_881,
        uploaded: 3,
        downloaded: 1,
        left: 2,
        event: "started",
        numWant: 50,
        key: 9,
      },
    });
    const view = new DataView(packet.buffer, packet.byteOffset);
    expect(packet.length).toBeGreaterThanOrEqual(98);
    expect(view.getUint32(8)).toBe(1);
    expect(packet[16]).toBe(1);
    expect(packet[36]).toBe(2);
    expect([view.getUint32(60), view.getUint32(68), view.getUint32(76)]).toEqual([1, 2, 3]);
    expect(view.getUint32(80)).toBe(2);
    expect(view.getUint32(88)).toBe(9);
    expect(view.getInt32(92)).toBe(50);
    expect(view.getUint16(96)).toBe(6_881);
  });

  test("requests and answers read back", () => {
    fc.assert(
      fc.property(request, exactly(8), small, (asked, connection, transaction) => {
        const { event, key, ...rest } = asked;
        const announce = { ...rest, key: key ?? 0, ...(event === undefined ? {} : { event }) };
        expect(decodeUdpRequest(encodeUdpRequest({ action: "announce", transaction, connection, announce }))).toEqual({
          action: "announce",
          transaction,
          connection,
          announce,
        });
      }),
    );
    for (const family of [4, 6] as const) {
      const peers = [{ host: family === 4 ? "10.0.0.1" : "2001:db8::1", port: 6_881 }];
      const answer = { intervalSeconds: 1_800, complete: 2, incomplete: 3, peers };
      const response = { action: "announce", transaction: 5, answer } as const;
      expect(decodeUdpResponse(encodeUdpResponse(response, family), family)).toEqual(response);
    }
  });

  test("an announce's URL travels in options of at most 255 bytes (BEP 41)", () => {
    const announce = {
      infoHash: new Uint8Array(20),
      peerId: new Uint8Array(20),
      port: 1,
      uploaded: 0,
      downloaded: 0,
      left: 0,
      numWant: 50,
      key: 0,
    };
    const packet = (urlData: string): Uint8Array =>
      encodeUdpRequest({
        action: "announce",
        transaction: 1,
        connection: new Uint8Array(8),
        announce: { ...announce, urlData },
      });
    const read = (bytes: Uint8Array): string | undefined => {
      const request = decodeUdpRequest(bytes);
      return request.action === "announce" ? request.announce.urlData : undefined;
    };
    expect(toHex(packet("/dir?a=b").subarray(98))).toBe(`0208${toHex(utf8("/dir?a=b"))}`);
    fc.assert(fc.property(fc.stringMatching(/^[ -~]{1,1000}$/), (url) => void expect(read(packet(url))).toBe(url)));
    // Nothing after EndOfOptions, no-operations skipped, an option that is cut off ends the list.
    const plain = packet("").subarray(0, 98);
    const withOptions = (...options: number[]): string | undefined => read(Uint8Array.from([...plain, ...options]));
    expect(withOptions(1, 1, 2, 1, 0x61, 0, 2, 1, 0x62)).toBe("a");
    expect(withOptions(9, 2, 7, 7, 2, 1, 0x63)).toBe("c");
    expect(withOptions(2, 200, 0x61)).toBeUndefined();
    expect(withOptions(2)).toBeUndefined();
  });

  test("answers have the BEP's offsets, and any of them reads back", () => {
    const answer = { intervalSeconds: 1_800, incomplete: 3, complete: 2, peers: [{ host: "10.0.0.1", port: 6_881 }] };
    expect(toHex(encodeUdpResponse({ action: "announce", transaction: 7, answer }, 4))).toBe(
      "0000000100000007000007080000000300000002" + "0a0000011ae1",
    );
    const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
    const entry = fc.record({ complete: uint32, downloaded: uint32, incomplete: uint32 });
    const any = fc.oneof(
      fc.record({ action: fc.constant("connect" as const), transaction: uint32, connection: exactly(8) }),
      fc.record({ action: fc.constant("scrape" as const), transaction: uint32, entries: fc.array(entry) }),
      fc.record({
        action: fc.constant("error" as const),
        transaction: uint32,
        reason: fc.stringMatching(/^[ -~]{0,200}$/),
      }),
    );
    fc.assert(fc.property(any, (r) => void expect(decodeUdpResponse(encodeUdpResponse(r, 4), 4)).toEqual(r)));
  });

  test("packets that are cut are refused", () => {
    const whole = encodeUdpRequest({
      action: "scrape",
      transaction: 1,
      connection: new Uint8Array(8),
      infoHashes: [new Uint8Array(20)],
    });
    for (let length = 0; length < whole.length; length++) {
      expect(() => decodeUdpRequest(whole.subarray(0, length))).toThrow(ProtocolError);
    }
  });
});
