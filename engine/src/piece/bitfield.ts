/** One bit a piece, most significant bit first, as in the `bitfield` message (BEP 3). `count` is kept as bits change. */

const ONES = Uint8Array.from({ length: 256 }, (_, byte) => {
  let n = 0;
  for (let b = byte; b > 0; b >>= 1) n += b & 1;
  return n;
});

export class Bitfield {
  readonly length: number;
  readonly bytes: Uint8Array;
  #count = 0;

  constructor(length: number) {
    this.length = length;
    this.bytes = new Uint8Array(Math.ceil(length / 8));
  }

  /** Reads the wire form; `undefined` when the size is wrong or a spare bit is set (BEP 3: drop such a peer). */
  static from(bytes: Uint8Array, length: number): Bitfield | undefined {
    const field = new Bitfield(length);
    if (bytes.length !== field.bytes.length) return undefined;
    const spare = bytes.length * 8 - length;
    if (spare > 0 && ((bytes[bytes.length - 1] as number) & ((1 << spare) - 1)) !== 0) return undefined;
    field.bytes.set(bytes);
    for (const byte of bytes) field.#count += ONES[byte] as number;
    return field;
  }

  get count(): number {
    return this.#count;
  }

  get full(): boolean {
    return this.#count === this.length;
  }

  has(index: number): boolean {
    return ((this.bytes[index >> 3] as number) & (0x80 >> (index & 7))) !== 0;
  }

  /** Sets the bit; returns false when it was set already. */
  add(index: number): boolean {
    if (this.has(index)) return false;
    this.bytes[index >> 3] = (this.bytes[index >> 3] as number) | (0x80 >> (index & 7));
    this.#count++;
    return true;
  }

  remove(index: number): void {
    if (!this.has(index)) return;
    this.bytes[index >> 3] = (this.bytes[index >> 3] as number) & ~(0x80 >> (index & 7));
    this.#count--;
  }

  clone(): Bitfield {
    const copy = new Bitfield(this.length);
    copy.bytes.set(this.bytes);
    copy.#count = this.#count;
    return copy;
  }

  fill(): void {
    for (let i = 0; i < this.length; i++) this.bytes[i >> 3] = (this.bytes[i >> 3] as number) | (0x80 >> (i & 7));
    this.#count = this.length;
  }
}
