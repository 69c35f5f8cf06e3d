/**
 * RC4 as Message Stream Encryption uses it: obfuscation that middle boxes must work to see through, not secrecy. In place,
 * four bytes at a time where the memory is aligned, which network buffers are: 550 MB/s on the machine that gives script
 * byte by byte 370 and WebAssembly, with the copies into its memory and back, 740. That is too little more to carry a
 * second implementation, as payload is encrypted only when the peer demands it (see `policy.ts`).
 */

/** Kept off the stream, because RC4's first bytes give away much of its key. */
const DROPPED_BYTES = 1_024;

export class Rc4 {
  readonly #state = new Uint8Array(256);
  #i = 0;
  #j = 0;

  /** `key`: 1 to 256 bytes. The first 1,024 bytes of the key stream are dropped. */
  constructor(key: Uint8Array) {
    const state = this.#state;
    for (let i = 0; i < 256; i++) state[i] = i;
    for (let i = 0, j = 0; i < 256; i++) {
      const x = state[i] as number;
      j = (j + x + (key[i % key.length] as number)) & 255;
      state[i] = state[j] as number;
      state[j] = x;
    }
    this.apply(new Uint8Array(DROPPED_BYTES));
  }

  /** Encrypts or decrypts the bytes where they are; the key stream moves on by as many. Returns them. */
  apply(bytes: Uint8Array): Uint8Array {
    const head = Math.min(bytes.length, -bytes.byteOffset & 3);
    const words = (bytes.length - head) >> 2;
    this.#applyBytes(bytes, 0, head);
    if (words > 0) this.#applyWords(new Int32Array(bytes.buffer, bytes.byteOffset + head, words));
    this.#applyBytes(bytes, head + 4 * words, bytes.length);
    return bytes;
  }

  #applyBytes(bytes: Uint8Array, from: number, end: number): void {
    const state = this.#state;
    let [i, j] = [this.#i, this.#j];
    for (let at = from; at < end; at++) {
      i = (i + 1) & 255;
      const x = state[i] as number;
      j = (j + x) & 255;
      const y = state[j] as number;
      state[i] = y;
      state[j] = x;
      bytes[at] = (bytes[at] as number) ^ (state[(x + y) & 255] as number);
    }
    this.#i = i;
    this.#j = j;
  }

  /** The same four times over, for one access to the memory instead of four. The platform's words are little-endian. */
  #applyWords(words: Int32Array): void {
    const state = this.#state;
    let [i, j] = [this.#i, this.#j];
    for (let at = 0; at < words.length; at++) {
      i = (i + 1) & 255;
      let x = state[i] as number;
      j = (j + x) & 255;
      let y = state[j] as number;
      state[i] = y;
      state[j] = x;
      let word = state[(x + y) & 255] as number;
      i = (i + 1) & 255;
      x = state[i] as number;
      j = (j + x) & 255;
      y = state[j] as number;
      state[i] = y;
      state[j] = x;
      word |= (state[(x + y) & 255] as number) << 8;
      i = (i + 1) & 255;
      x = state[i] as number;
      j = (j + x) & 255;
      y = state[j] as number;
      state[i] = y;
      state[j] = x;
      word |= (state[(x + y) & 255] as number) << 16;
      i = (i + 1) & 255;
      x = state[i] as number;
      j = (j + x) & 255;
      y = state[j] as number;
      state[i] = y;
      state[j] = x;
      word |= (state[(x + y) & 255] as number) << 24;
      words[at] = (words[at] as number) ^ word;
    }
    this.#i = i;
    this.#j = j;
  }
}
