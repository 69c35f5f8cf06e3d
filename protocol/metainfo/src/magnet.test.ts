/** Magnet links: BEP 9's and BEP 53's forms, the v2 test link of the BitTorrent site, and what must be refused. */
import { fromHex, infoHashHex, ProtocolError } from "@everseed/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatMagnet, type Magnet, parseMagnet } from "./index.ts";

const V1 = "c12fe1c06bba254a9dc9f519b335aa7c1367a88a";
const V2 = "caf1e1c30e81cb361b9ee167c4aa64228a7fa4fa9f6105232b28ad099f3a302e";

describe("parseMagnet", () => {
  it("reads every part of a v1 link", () => {
    const link = `magnet:?xt=urn:btih:${V1}&dn=a%20name&tr=udp%3A%2F%2Ftracker.example%3A80&tr=https://b.example/announce&ws=https://c.example/f&x.pe=192.0.2.1:6881&x.pe=[2001:db8::1]:6882&x.pe=host.example:1`;
    expect(parseMagnet(link)).toEqual({
      infoHashes: [{ version: 1, bytes: fromHex(V1) }],
      name: "a name",
      trackers: ["udp://tracker.example:80", "https://b.example/announce"],
      webSeeds: ["https://c.example/f"],
      peers: ["192.0.2.1:6881", "[2001:db8::1]:6882", "host.example:1"],
    });
  });

  it("reads the v2 test torrent's link, and hybrids with v1 first", () => {
    const v2 = parseMagnet(`magnet:?xt=urn:btmh:1220${V2}&dn=bittorrent-v2-test`);
    expect(v2.infoHashes.map(infoHashHex)).toEqual([V2]);
    const hybrid = parseMagnet(`magnet:?xt=urn:btmh:1220${V2}&xt=urn:btih:${V1}`);
    expect(hybrid.infoHashes.map((hash) => [hash.version, infoHashHex(hash)])).toEqual([
      [1, V1],
      [2, V2],
    ]);
  });

  it("reads base32 and hexadecimal in either case alike", () => {
    const base32 = "YEX6DQDLXISUVHOJ6UM3GNNKPQJWPKEK";
    for (const text of [V1, V1.toUpperCase(), base32, base32.toLowerCase()]) {
      expect(infoHashHex(parseMagnet(`MAGNET:?xt=urn:btih:${text}`).infoHashes[0] as never)).toBe(V1);
    }
  });

  it("reads BEP 53's example of chosen files", () => {
    expect(parseMagnet(`magnet:?xt=urn:btih:${V1}&so=0,2,4,6-8`).selectOnly).toEqual([
      [0, 0],
      [2, 2],
      [4, 4],
      [6, 8],
    ]);
  });

  it("reads BEP 46's links: a key, with or without a salt, beside a torrent or alone", () => {
    const key = "8543d3e6115f0f98c944077a4493dcd543e49c739fd998550a1f614ab36ed63e";
    const mutable = { publicKey: fromHex(key) };
    expect(parseMagnet(`magnet:?xs=urn:btpk:${key}`)).toMatchObject({ infoHashes: [], mutable });
    expect(parseMagnet(`magnet:?xs=urn:btpk:${key}&s=6e`).mutable).toEqual({ ...mutable, salt: fromHex("6e") });
    const both = parseMagnet(`magnet:?xt=urn:btih:${V1}&xs=urn:btpk:${key.toUpperCase()}`);
    expect([both.infoHashes.length, both.mutable]).toEqual([1, mutable]);
    expect(parseMagnet(`magnet:?xt=urn:btih:${V1}&xs=http://a.example/b&s=words`).mutable).toBeUndefined();
  });

  it("leaves out what is no tracker, no web seed and no peer", () => {
    const link = `magnet:?xt=urn:btih:${V1}&tr=javascript:x&ws=file:///etc/passwd&x.pe=nowhere&x.pe=a:0&x.pe=a:70000&x.pe=a b:1&xt=urn:sha1:X&xl=12`;
    expect(parseMagnet(link)).toEqual({
      infoHashes: [{ version: 1, bytes: fromHex(V1) }],
      trackers: [],
      webSeeds: [],
      peers: [],
    });
  });

  it.each([
    "",
    "http://example.com",
    "magnet:",
    "magnet:?",
    "magnet:?dn=x",
    "magnet:?xt=urn:sha1:YNCKHTQCWBTRNJIV4WNAE52SJUQCZO5C",
    `magnet:?xt=urn:btih:${V1.slice(1)}`,
    `magnet:?xt=urn:btih:0x${V1}`,
    `magnet:?xt=urn:btih:${"8".repeat(32)}`,
    `magnet:?xt=urn:btmh:1220${V1}`,
    `magnet:?xt=urn:btmh:1120${V2}`,
    `magnet:?xt=urn:btmh:12200x${V2}`,
    "magnet:?s=6e",
    "magnet:?xs=http://a.example/b",
    `magnet:?xs=urn:btpk:${V2.slice(2)}`,
    `magnet:?xs=urn:btpk:0x${V2.slice(2)}`,
    `magnet:?xs=urn:btpk:${V2}&s=6`,
    `magnet:?xs=urn:btpk:${V2}&s=${"00".repeat(65)}`,
    `magnet:?xt=urn:btih:${V1}&so=3-1`,
    `magnet:?xt=urn:btih:${V1}&so=a`,
    `magnet:?xt=urn:btih:${V1}&so=-1`,
    `magnet:?xt=urn:btih:${V1}&dn=${"x".repeat(70_000)}`,
  ])("refuses %.60s", (link) => {
    expect(() => parseMagnet(link)).toThrow(ProtocolError);
  });
});

describe("formatMagnet", () => {
  const hash = (length: number, version: 1 | 2) =>
    fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => ({ version, bytes }));
  const magnets = fc.record(
    {
      infoHashes: fc.oneof(
        hash(20, 1).map((one) => [one]),
        hash(32, 2).map((two) => [two]),
        fc.tuple(hash(20, 1), hash(32, 2)),
      ),
      name: fc.string({ unit: "grapheme" }),
      trackers: fc.array(fc.webUrl({ withQueryParameters: true, withFragments: true }), { maxLength: 3 }),
      webSeeds: fc.array(fc.webUrl(), { maxLength: 3 }),
      peers: fc.array(
        fc
          .tuple(
            fc.oneof(
              fc.ipV4(),
              fc.ipV6().map((ip) => `[${ip}]`),
            ),
            fc.integer({ min: 1, max: 65_535 }),
          )
          .map((p) => p.join(":")),
        { maxLength: 3 },
      ),
      mutable: fc.record(
        { publicKey: fc.uint8Array({ minLength: 32, maxLength: 32 }), salt: fc.uint8Array({ maxLength: 64 }) },
        { requiredKeys: ["publicKey"] },
      ),
      selectOnly: fc.array(
        fc.tuple(fc.nat(999), fc.nat(999)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const),
        { minLength: 1, maxLength: 3 },
      ),
    },
    { requiredKeys: ["infoHashes", "trackers", "webSeeds", "peers"] },
  );

  it("writes links that read back the same", () => {
    fc.assert(
      fc.property(magnets, (magnet) => {
        expect(parseMagnet(formatMagnet(magnet as Magnet))).toEqual(magnet);
      }),
    );
  });

  it("does not let one field become another", () => {
    const magnet = parseMagnet(`magnet:?xt=urn:btih:${V1}`);
    const link = formatMagnet({ ...magnet, name: "a&tr=http://x", peers: ["h:1&tr=http://evil.example"] });
    expect(parseMagnet(link).trackers).toEqual([]);
    expect(formatMagnet({ ...magnet, name: "\ud800" })).toContain("dn=%EF%BF%BD");
  });

  it("any text is read or refused, never worse", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: "binary" })), (text) => {
        for (const link of [text, `magnet:?${text}`, `magnet:?xt=urn:btih:${V1}&${text}`]) {
          try {
            parseMagnet(link);
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError);
          }
        }
      }),
    );
  });
});
