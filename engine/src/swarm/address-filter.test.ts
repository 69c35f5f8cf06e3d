import fc from "fast-check";
import { expect, test } from "vitest";
import { AddressFilter } from "./address-filter.ts";

test("reads the lists of other clients", () => {
  const filter = AddressFilter.parse(
    [
      "# a comment",
      "Some company: with a colon:1.2.3.4-1.2.3.255",
      "005.006.000.000 - 005.006.255.255 , 000 , eMule's form",
      "7.0.0.0 - 7.0.0.255 , 200 , allowed by its level",
      "10.1.0.0/16",
      "192.0.2.77",
      "2001:db8::/32",
      "not an address",
      "",
    ].join("\r\n"),
  );
  const blocked = ["1.2.3.4", "1.2.3.200", "5.6.7.8", "10.1.255.255", "192.0.2.77", "2001:db8:1::1"];
  const free = ["1.2.3.3", "1.2.4.0", "7.0.0.1", "10.2.0.0", "192.0.2.78", "2001:db9::1", "tracker.example"];
  expect(blocked.filter((host) => !filter.blocks(host))).toEqual([]);
  expect(free.filter((host) => filter.blocks(host))).toEqual([]);
  expect([filter.size, filter.unread]).toEqual([5, 1]);
});

test("blocks exactly what some range holds, however they overlap", () => {
  const ip = (n: number): string => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255].join(".");
  const anyRange = fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 60 }));
  fc.assert(
    fc.property(fc.array(anyRange, { maxLength: 20 }), (ranges) => {
      const filter = AddressFilter.parse(ranges.map(([from, n]) => `${ip(from)}-${ip(from + n)}`).join("\n"));
      for (let n = 0; n < 470; n++)
        expect(filter.blocks(ip(n))).toBe(ranges.some(([from, length]) => n >= from && n <= from + length));
    }),
  );
});

test("never throws, whatever the text", () => {
  fc.assert(fc.property(fc.string(), fc.string(), (text, host) => void AddressFilter.parse(text).blocks(host)));
});
