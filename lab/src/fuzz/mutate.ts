/**
 * Hostile inputs: valid ones with bits flipped, bytes cut, doubled, swapped with those of another, lengths and counts
 * changed, tokens of the format thrown in, or plain noise. The same generator state gives the same inputs.
 */
import { type RandomBytes, randomInt, utf8 } from "@everseed/core";

const MAX_BYTES = 1 << 17;
/** What parsers trip over: ends of number ranges, nesting, lengths that promise more than there is. */
const TOKENS: readonly Uint8Array[] = [
  ...[
    "d",
    "l",
    "e",
    "i0e",
    "i-1e",
    "i-0e",
    "i00e",
    "i9007199254740993e",
    "0:",
    "1:",
    "4294967295:",
    "99999999999999999999:",
  ],
  ...[
    "d1:a",
    "ll",
    "dd",
    "4:info",
    "6:pieces",
    "5:files",
    "12:piece length",
    "12:piece layers",
    "9:file tree",
    "8:msg_type",
  ],
  ...["..", "../", "/", "\\", "\0", "%", "%00", "%zz", "&", "=", "urn:btih:", "urn:btmh:1220", "magnet:?xt="],
].map(utf8);
const NUMBERS = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

export function mutate(random: RandomBytes, corpus: readonly Uint8Array[]): Uint8Array {
  const pick = <T>(list: readonly T[]): T => list[randomInt(random, list.length)] as T;
  if (randomInt(random, 16) === 0) return random(randomInt(random, 200));
  let bytes: Uint8Array = pick(corpus).slice();
  const changes = 1 + randomInt(random, randomInt(random, 4) === 0 ? 16 : 3);
  for (let i = 0; i < changes; i++) bytes = change(bytes);
  return bytes.length > MAX_BYTES ? bytes.subarray(0, MAX_BYTES) : bytes;

  function change(input: Uint8Array): Uint8Array {
    const at = randomInt(random, input.length + 1);
    const length = Math.min(input.length - at, 1 + randomInt(random, 32));
    switch (randomInt(random, 9)) {
      case 0:
        if (at < input.length) input[at] = (input[at] as number) ^ (1 << randomInt(random, 8));
        return input;
      case 1:
        if (at < input.length) input[at] = randomInt(random, 256);
        return input;
      case 2:
        return input.slice(0, at);
      case 3:
        return splice(input, at, at + length, new Uint8Array());
      case 4:
        return splice(input, at, at, input.slice(at, at + length));
      case 5: {
        const other = pick(corpus);
        const from = randomInt(random, other.length + 1);
        return splice(input, at, at + length, other.slice(from, from + randomInt(random, 64)));
      }
      case 6:
        return splice(input, at, at + randomInt(random, 4), pick(TOKENS));
      case 7: {
        // A big-endian number of one to eight bytes.
        const size = pick([1, 2, 4, 8]);
        if (at + size > input.length) return input;
        let value = pick(NUMBERS);
        for (let b = size - 1; b >= 0; b--) {
          input[at + b] = value & 0xff;
          value = Math.floor(value / 256);
        }
        return input;
      }
      default:
        return splice(input, at, at, repeat(pick(TOKENS), 1 + randomInt(random, 64)));
    }
  }
}

function splice(input: Uint8Array, from: number, to: number, middle: Uint8Array): Uint8Array {
  const end = Math.min(to, input.length);
  const out = new Uint8Array(input.length - (end - from) + middle.length);
  out.set(input.subarray(0, from));
  out.set(middle, from);
  out.set(input.subarray(end), from + middle.length);
  return out;
}

function repeat(bytes: Uint8Array, times: number): Uint8Array {
  const out = new Uint8Array(bytes.length * times);
  for (let i = 0; i < times; i++) out.set(bytes, i * bytes.length);
  return out;
}
