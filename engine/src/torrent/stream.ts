/**
 * Reading a file while it downloads: bytes in order, waiting for what is not there. The pieces ahead of the reader get
 * deadlines, so that they are fetched first, in order, and from a second peer when the first is late.
 */
import { EverseedError } from "@everseed/core";
import type { TorrentFile } from "@everseed/metainfo";
import type { Content } from "./content.ts";

/** What is fetched ahead of the reader; at least two pieces. */
const AHEAD_BYTES = 8 << 20;
/** How much later each next piece may come: a film of 16 Mbit/s takes about this for a mebibyte. */
const STEP_MS = 500;
const FIRST_MS = 1_000;
const CHUNK_BYTES = 1 << 18;

export interface StreamRange {
  /** First byte of the file. @default 0 */
  readonly start?: number;
  /** The byte after the last. @default the file's length */
  readonly end?: number;
  readonly signal?: AbortSignal;
}

export interface StreamHost {
  readonly content: Content;
  readonly now: () => number;
  /** Deadlines changed: peers may have something new to fetch. */
  readonly onChange: () => void;
  /** Fires when the torrent stops, is paused or checked again. */
  readonly ended: AbortSignal;
}

/**
 * The file's bytes from `start` to `end`, in chunks of at most 256 KiB. Throws EverseedError `range-invalid`; the iteration
 * rejects with `stream-ended` when the torrent stops first, and with the signal's reason when that fires.
 */
export async function* streamFile(
  host: StreamHost,
  file: TorrentFile,
  range: StreamRange,
): AsyncGenerator<Uint8Array, void, void> {
  const { content } = host;
  const start = range.start ?? 0;
  const end = range.end ?? file.lengthBytes;
  if (!(Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start <= end && end <= file.lengthBytes)) {
    throw new EverseedError(
      "range-invalid",
      `Cannot read the range ${start} to ${end}: expected a part of the file's ${file.lengthBytes} bytes`,
    );
  }
  const { pieceLengthBytes } = content.metainfo;
  const last = Math.ceil((file.offsetBytes + end) / pieceLengthBytes);
  const ahead = Math.max(2, Math.ceil(AHEAD_BYTES / pieceLengthBytes));
  const window: number[] = [];
  const slide = (from: number): void => {
    while (window.length > 0 && (window[0] as number) < from) content.unstream(window.shift() as number);
    const before = window.length;
    for (let piece = (window.at(-1) ?? from - 1) + 1; piece < Math.min(last, from + ahead); piece++) {
      content.stream(piece, host.now() + FIRST_MS + (piece - from) * STEP_MS);
      window.push(piece);
    }
    if (window.length !== before) host.onChange();
  };
  try {
    let at = file.offsetBytes + start;
    while (at < file.offsetBytes + end) {
      const piece = Math.floor(at / pieceLengthBytes);
      slide(piece);
      await pieceThere(host, piece, range.signal);
      const pieceEnd = Math.min((piece + 1) * pieceLengthBytes, file.offsetBytes + end);
      const chunk = new Uint8Array(Math.min(CHUNK_BYTES, pieceEnd - at));
      await content.storage.read(at, chunk);
      at += chunk.length;
      yield chunk;
    }
  } finally {
    for (const piece of window) content.unstream(piece);
    // What the torrent's files want may be there already.
    host.onChange();
  }
}

function pieceThere(host: StreamHost, piece: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: unknown): void => {
      forget?.();
      host.ended.removeEventListener("abort", onEnd);
      signal?.removeEventListener("abort", onAbort);
      if (error === undefined) resolve();
      else reject(error);
    };
    const onEnd = (): void =>
      settle(new EverseedError("stream-ended", "Cannot read on: the torrent was stopped", { retryable: true }));
    const onAbort = (): void => settle(signal?.reason);
    let forget: (() => void) | undefined;
    if (host.ended.aborted) return onEnd();
    if (signal?.aborted) return onAbort();
    host.ended.addEventListener("abort", onEnd);
    signal?.addEventListener("abort", onAbort);
    forget = host.content.whenPiece(piece, () => settle());
  });
}
