/** Bytes that a handshake has received and not yet used up. Grows by doubling, so that single bytes cost no more than many. */
export class Intake {
  #bytes = new Uint8Array(1_024);
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  add(chunk: Uint8Array): void {
    if (this.#end + chunk.length > this.#bytes.length) {
      const held = this.#bytes.subarray(this.#start, this.#end);
      const larger = new Uint8Array(Math.max(this.#bytes.length, 2 * (held.length + chunk.length)));
      larger.set(held);
      this.#bytes = larger;
      this.#end = held.length;
      this.#start = 0;
    }
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** The first `length` bytes, or all when there are fewer. They stay. */
  peek(length: number): Uint8Array {
    return this.#bytes.subarray(this.#start, Math.min(this.#end, this.#start + length));
  }

  /** The first `length` bytes, which may be changed in place. There must be as many. */
  take(length: number): Uint8Array {
    const taken = this.#bytes.subarray(this.#start, this.#start + length);
    this.#start += length;
    return taken;
  }

  /** Takes all up to the end of the first `pattern`; false when it is not there. Looks no further than `limit` bytes. */
  skipPast(pattern: Uint8Array, limit: number): boolean {
    const last = Math.min(this.length, limit) - pattern.length;
    for (let at = 0; at <= last; at++) {
      let same = 0;
      while (same < pattern.length && this.#bytes[this.#start + at + same] === pattern[same]) same++;
      if (same < pattern.length) continue;
      this.#start += at + pattern.length;
      return true;
    }
    return false;
  }
}
