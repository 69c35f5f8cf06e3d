/** Shared memory filled in one go must read as if `set` had done it, whatever the views, and refuse what `set` refuses. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SharedBytes } from "./shared-bytes.ts";

describe("shared bytes", () => {
  it("are filled as a Uint8Array is, through any view, from any view, and from their own memory", () => {
    const place = fc.nat({ max: 40 });
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 40, maxLength: 40 }),
        place,
        place,
        place,
        fc.boolean(),
        (bytes, view, from, at, own) => {
          const [shared, plain] = [SharedBytes.ofLength(80), new Uint8Array(80)];
          shared.set(bytes, 17);
          plain.set(bytes, 17);
          const [into, expected] = [shared.subarray(view), plain.subarray(view)];
          expect(into.buffer).toBe(shared.buffer);
          const sources = own
            ? [shared.subarray(from, 40), plain.subarray(from, 40)]
            : [bytes.subarray(from), bytes.subarray(from)];
          const attempt = (target: Uint8Array, source: Uint8Array): string => {
            try {
              target.set(source, at);
              return "set";
            } catch (error) {
              return (error as Error).constructor.name;
            }
          };
          expect(attempt(into, sources[0] as Uint8Array)).toBe(attempt(expected, sources[1] as Uint8Array));
          expect([...shared]).toEqual([...plain]);
        },
      ),
    );
  });

  it("refuse what does not fit, and change nothing", () => {
    const bytes = SharedBytes.ofLength(4);
    expect(() => bytes.set(new Uint8Array(4).fill(7), 1)).toThrow(RangeError);
    expect([...bytes]).toEqual([0, 0, 0, 0]);
  });
});
