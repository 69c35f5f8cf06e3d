/**
 * Bytes in memory that threads share, filled at full speed. ECMAScript lets other threads see each byte of a `set` arrive, so
 * V8 copies into shared memory a byte or a word at a time: 0.34 s a GiB, where `memcpy` takes 0.06. Nobody here reads what is
 * being filled (a piece goes to the hash thread when all its blocks have come), so `Buffer.fill`, which copies in one go, will do.
 */
const { fill } = Buffer.prototype;

export class SharedBytes extends Uint8Array<ArrayBufferLike> {
  static ofLength(lengthBytes: number): SharedBytes {
    return new SharedBytes(new SharedArrayBuffer(lengthBytes));
  }

  override set(source: ArrayLike<number>, offset = 0): void {
    if (!(source instanceof Uint8Array) || source.length === 0 || source.buffer === this.buffer)
      super.set(source, offset);
    else fill.call(this, source, offset, offset + source.length);
  }
}
