/**
 * What the owner has handed over and is not in packets yet. Parts are not copied until a packet is filled from them, and
 * their owner hears when that has been done, or when it never will be.
 */

interface QueuedPart {
  readonly bytes: Uint8Array;
  /** Called when the part is used up. */
  readonly sent: (() => void) | undefined;
}

export class SendQueue {
  #parts: QueuedPart[] = [];
  /** The first part that is not used up, and how far it is. */
  #first = 0;
  #at = 0;
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  add(parts: readonly Uint8Array[], sent: (() => void) | undefined): void {
    // An empty part would never be used up.
    const filled = parts.filter((bytes) => bytes.length > 0);
    const last = filled.length - 1;
    filled.forEach((bytes, i) => {
      this.#bytes += bytes.length;
      this.#parts.push({ bytes, sent: i === last ? sent : undefined });
    });
    if (last < 0) sent?.();
  }

  /** Fills `target`, which is no longer than `bytes`. */
  fill(target: Uint8Array): void {
    // Whoever hears that memory is free may send or close at once, so that waits until the queue is whole again.
    const finished: (() => void)[] = [];
    let at = 0;
    while (at < target.length) {
      const { bytes } = this.#parts[this.#first] as QueuedPart;
      const size = Math.min(bytes.length - this.#at, target.length - at);
      target.set(size === bytes.length ? bytes : bytes.subarray(this.#at, this.#at + size), at);
      at += size;
      this.#at += size;
      this.#bytes -= size;
      if (this.#at === bytes.length) this.#finishPart(finished);
    }
    for (const sent of finished) sent();
  }

  /** Copies what is queued, so that its owners have their memory back; what is beyond `maxBytes` is dropped. */
  detach(maxBytes: number): void {
    const kept = new Uint8Array(Math.min(this.#bytes, maxBytes));
    this.fill(kept);
    this.clear();
    if (kept.length > 0) this.add([kept], undefined);
  }

  /** Drops what is left. */
  clear(): void {
    const dropped = this.#parts.slice(this.#first);
    this.#parts = [];
    this.#first = 0;
    this.#at = 0;
    this.#bytes = 0;
    for (const part of dropped) part.sent?.();
  }

  #finishPart(finished: (() => void)[]): void {
    const { sent } = this.#parts[this.#first] as QueuedPart;
    this.#at = 0;
    this.#first++;
    if (this.#first === this.#parts.length) {
      this.#parts = [];
      this.#first = 0;
    } else if (this.#first >= 256) {
      this.#parts.splice(0, this.#first);
      this.#first = 0;
    }
    if (sent !== undefined) finished.push(sent);
  }
}
