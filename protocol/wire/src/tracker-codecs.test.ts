/** Codecs of trackers: HTTP (BEP 3, 7, 23, 48) and UDP (BEP 15, 41). */
import { ProtocolError, toHex, utf8 } from "@everseed/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  announceUrl,
  decodeAnnounceResponse,
  decodeScrapeResponse,
  encodeAnnounceResponse,
  encodeFailure,
  encodeScrapeResponse,
  parseAnnounceQuery,
  scrapeUrl,
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

  test("BEP 3's failure reason is the error's own words", () => {
    expect(() => decodeAnnounceResponse(encodeFailure("unregistered torrent"))).toThrow("unregistered torrent");
    for (const bad of ["", "le", "i1e", "d5:peers", "<html>"]) {
      expect(() => decodeAnnounceResponse(utf8(bad))).toThrow(ProtocolError);
    }
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
