/**
 * keccak-256: of any bytes, and applied to its own output again and again, which is what a lane of ticks is made of and the one
 * hash on the path of every 16 KiB that is sold. One call into WebAssembly makes a whole run (0.5 us a hash; calling in for
 * each costs 1.1 us, more than the 3 % of the transfer that paying may cost). Single hashes go the same way because V8 takes
 * 70 ms of a core to compile the permutation of @noble/hashes once a few hundred vouchers and identities have made it hot.
 *
 * The module is assembled here, from FIPS 202's steps, rather than kept as a blob that nobody can read, with the padding of the
 * original Keccak (0x01, not SHA-3's 0x06). Where there is no WebAssembly @noble/hashes does it; the tests hold one against
 * the other.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { concat } from "./bytes.ts";

const VALUE_BYTES = 32;
const ROUNDS = 24;
const LANES = 25;
/** Bytes that one permutation takes in: 17 lanes. */
const BLOCK_BYTES = 136;
const BLOCK_LANES = BLOCK_BYTES / 8;
/** Round constants lie at 0, the state of a long input at 192, values and blocks from here on. */
const STATE_AT = 192;
const VALUES_AT = 512;
const PAGE_BYTES = 65_536;
const PAGES = 4;
const ROOM_BYTES = PAGES * PAGE_BYTES - VALUES_AT;
/** Steps in one call; longer runs are made in parts. */
const MAX_STEPS = Math.floor(ROOM_BYTES / VALUE_BYTES) - 1;
/** Blocks in one call. */
const MAX_BLOCKS = Math.floor(ROOM_BYTES / BLOCK_BYTES);

interface Keccak {
  /** Fills the `part` values before index `from`, whose value is there. */
  run(values: Uint8Array, from: number, part: number): void;
  hash(data: Uint8Array): Uint8Array;
}

/** Assembled when it is first needed. */
let keccak: Keccak | undefined;

function implementation(): Keccak {
  keccak ??= typeof WebAssembly === "undefined" ? inScript : inWasm();
  return keccak;
}

/** keccak-256 of the parts, one after the other; 32 bytes. */
export function keccak256(...parts: readonly Uint8Array[]): Uint8Array {
  return implementation().hash(parts.length === 1 ? (parts[0] as Uint8Array) : concat(...parts));
}

/**
 * The `steps + 1` values that begin with `start` (32 bytes), last value first: at `32 * k` lies the value that is `steps - k`
 * hashes away from `start`, so `start` itself is at the end. One allocation.
 */
export function keccakRun(start: Uint8Array, steps: number): Uint8Array {
  const { run } = implementation();
  const out = new Uint8Array(VALUE_BYTES * (steps + 1));
  out.set(start, VALUE_BYTES * steps);
  for (let left = steps; left > 0; ) {
    const part = Math.min(left, MAX_STEPS);
    run(out, left, part);
    left -= part;
  }
  return out;
}

const inScript: Keccak = {
  run(values, from, part) {
    for (let k = from; k > from - part; k--) {
      const value = values.subarray(VALUE_BYTES * k, VALUE_BYTES * (k + 1));
      values.set(keccak_256(value), VALUE_BYTES * (k - 1));
    }
  },
  hash: (data) => keccak_256(data),
};

function inWasm(): Keccak {
  const { memory, run, absorb } = new WebAssembly.Instance(new WebAssembly.Module(assemble())).exports as {
    memory: WebAssembly.Memory;
    run: (at: number, steps: number) => void;
    absorb: (at: number, blocks: number) => void;
  };
  new BigUint64Array(memory.buffer, 0, ROUNDS).set(roundConstants());
  const shared = new Uint8Array(memory.buffer);
  const state = shared.subarray(STATE_AT, STATE_AT + 8 * LANES);
  return {
    run(values, from, part) {
      const at = VALUES_AT + VALUE_BYTES * part;
      shared.set(values.subarray(VALUE_BYTES * from, VALUE_BYTES * (from + 1)), at);
      run(at, part);
      values.set(shared.subarray(VALUES_AT, at), VALUE_BYTES * (from - part));
    },
    hash(data) {
      state.fill(0);
      let done = 0;
      for (let whole = Math.floor(data.length / BLOCK_BYTES); whole > 0; ) {
        const blocks = Math.min(whole, MAX_BLOCKS);
        shared.set(data.subarray(done, done + BLOCK_BYTES * blocks), VALUES_AT);
        absorb(VALUES_AT, blocks);
        done += BLOCK_BYTES * blocks;
        whole -= blocks;
      }
      const last = shared.subarray(VALUES_AT, VALUES_AT + BLOCK_BYTES);
      const rest = data.length - done;
      last.fill(0, rest).set(data.subarray(done));
      last[rest] = 0x01;
      last[BLOCK_BYTES - 1] = (last[BLOCK_BYTES - 1] as number) | 0x80;
      absorb(VALUES_AT, 1);
      return state.slice(0, VALUE_BYTES);
    },
  };
}

/** FIPS 202, algorithm 5: a linear feedback shift register sets bit 2^j - 1 of each round's constant. */
function roundConstants(): bigint[] {
  let register = 1;
  return Array.from({ length: ROUNDS }, () => {
    let constant = 0n;
    for (let j = 0; j < 7; j++) {
      if ((register & 1) === 1) constant |= 1n << ((1n << BigInt(j)) - 1n);
      register = (register << 1) ^ ((register >> 7) * 0x171);
    }
    return constant;
  });
}

/** FIPS 202, algorithms 2 and 3: for each lane where it goes and by how many bits it turns. */
function rhoPi(): { from: number; to: number; turn: number }[] {
  const moves = [{ from: 0, to: 0, turn: 0 }];
  let [x, y] = [1, 0];
  for (let t = 0; t < LANES - 1; t++) {
    const next: [number, number] = [y, (2 * x + 3 * y) % 5];
    moves.push({ from: x + 5 * y, to: next[0] + 5 * next[1], turn: (((t + 1) * (t + 2)) / 2) % 64 });
    [x, y] = next;
  }
  return moves;
}

// The instructions used, of the WebAssembly core specification, section 5.4.
const I32 = 0x7f;
const I64 = 0x7e;
const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const i32 = (value: number): number[] => [0x41, ...signed(BigInt(value))];
const i64 = (value: bigint): number[] => [0x42, ...signed(value)];
const load = (offset: number): number[] => [0x29, 3, ...unsigned(offset)];
const store = (offset: number): number[] => [0x37, 3, ...unsigned(offset)];
const XOR = 0x85;
const AND = 0x83;
const ROTL = 0x89;
const I32_ADD = 0x6a;
const I32_SUB = 0x6b;
const I32_LESS = 0x49;
const LOOP = [0x03, 0x40];
const AGAIN = [0x0d, 0];
const END = 0x0b;

/**
 * `run(at, steps)` hashes the 32 bytes at `at` and writes each result 32 bytes before its input; `absorb(at, blocks)` takes in
 * blocks of 136 bytes from `at` on and leaves the state at `STATE_AT`.
 */
function assemble(): Uint8Array<ArrayBuffer> {
  const AT = 0;
  const LEFT = 1;
  const ROUND = 2;
  const a = (lane: number): number => 3 + lane;
  const b = (lane: number): number => 3 + LANES + lane;
  const d = (column: number): number => 3 + 2 * LANES + column;
  const lanes = Array.from({ length: LANES }, (_, i) => i);
  const columns = [0, 1, 2, 3, 4];

  const theta = [
    // b 0..4 hold the parities of the columns for a moment.
    ...columns.flatMap((x) => [
      ...get(a(x)),
      ...[5, 10, 15, 20].flatMap((row) => [...get(a(x + row)), XOR]),
      ...set(b(x)),
    ]),
    ...columns.flatMap((x) => [
      ...get(b((x + 4) % 5)),
      ...[...get(b((x + 1) % 5)), ...i64(1n), ROTL],
      XOR,
      ...set(d(x)),
    ]),
    ...lanes.flatMap((i) => [...get(a(i)), ...get(d(i % 5)), XOR, ...set(a(i))]),
  ];
  const rhoAndPi = rhoPi().flatMap(({ from, to, turn }) => [
    ...get(a(from)),
    ...i64(BigInt(turn)),
    ROTL,
    ...set(b(to)),
  ]);
  const chi = lanes.flatMap((i) => {
    const row = i - (i % 5);
    const [next, after] = [row + ((i + 1) % 5), row + ((i + 2) % 5)];
    return [...get(b(i)), ...get(b(next)), ...i64(-1n), XOR, ...get(b(after)), AND, XOR, ...set(a(i))];
  });
  const iota = [...get(a(0)), ...get(ROUND), ...load(0), XOR, ...set(a(0))];

  const permutation = [
    ...[...i32(0), ...set(ROUND)],
    ...[...LOOP, ...theta, ...rhoAndPi, ...chi, ...iota],
    ...[...get(ROUND), ...i32(8), I32_ADD, ...set(ROUND), ...get(ROUND), ...i32(8 * ROUNDS), I32_LESS, ...AGAIN, END],
  ];
  const onceLess = [...get(LEFT), ...i32(1), I32_SUB, ...set(LEFT), ...get(LEFT), ...AGAIN, END];
  const run = [
    ...[0, 1, 2, 3].flatMap((i) => [...get(AT), ...load(8 * i), ...set(a(i))]),
    ...LOOP,
    ...lanes.slice(4).flatMap((i) => [...i64(i === 4 ? 1n : i === BLOCK_LANES - 1 ? -(1n << 63n) : 0n), ...set(a(i))]),
    ...permutation,
    ...[...get(AT), ...i32(VALUE_BYTES), I32_SUB, ...set(AT)],
    ...[0, 1, 2, 3].flatMap((i) => [...get(AT), ...get(a(i)), ...store(8 * i)]),
    ...onceLess,
    END,
  ];
  const absorb = [
    ...lanes.flatMap((i) => [...i32(STATE_AT), ...load(8 * i), ...set(a(i))]),
    ...LOOP,
    ...lanes.slice(0, BLOCK_LANES).flatMap((i) => [...get(a(i)), ...get(AT), ...load(8 * i), XOR, ...set(a(i))]),
    ...permutation,
    ...[...get(AT), ...i32(BLOCK_BYTES), I32_ADD, ...set(AT)],
    ...onceLess,
    ...lanes.flatMap((i) => [...i32(STATE_AT), ...get(a(i)), ...store(8 * i)]),
    END,
  ];
  const functions = [run, absorb].map((body) => [2, ...[1, I32], ...[2 * LANES + 5, I64], ...body]);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 2, I32, I32, 0]),
    ...section(3, [2, 0, 0]),
    ...section(5, [1, 0, PAGES]),
    ...section(7, [3, ...name("memory"), 2, 0, ...name("run"), 0, 0, ...name("absorb"), 0, 1]),
    ...section(10, [2, ...functions.flatMap((code) => [...unsigned(code.length), ...code])]),
  ]);
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

function name(text: string): number[] {
  return [text.length, ...new TextEncoder().encode(text)];
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

function signed(value: bigint): number[] {
  const low = Number(value & 127n);
  const rest = value >> 7n;
  const done = (rest === 0n && (low & 64) === 0) || (rest === -1n && (low & 64) !== 0);
  return done ? [low] : [low | 128, ...signed(rest)];
}
