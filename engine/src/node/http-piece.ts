/** `HttpPiece` over fetch, for HTTP seeds (BEP 17): the ranges of a piece, or the seconds to wait in the body of a 503. */
import { EverseedError } from "@everseed/core";
import type { HttpPiece } from "../web-seed/http-seed.ts";
import { guardedFetch, refusedAnswer } from "./guarded-fetch.ts";
import type { HttpRangeInit } from "./http-range.ts";

/** A number and what may surround it. */
const MAX_BUSY_BYTES = 64;
/** Where the server does not say, or says something else. */
const DEFAULT_BUSY_SECONDS = 60;

/** Rejects with EverseedError `web-seed-refused`, `web-seed-range` or `web-seed-address`. */
export function createHttpPiece({ allowLocal = false }: HttpRangeInit = {}): HttpPiece {
  return async (first, { lengthBytes, signal }) => {
    const { response, url } = await guardedFetch(first, { headers: {}, signal, allowLocal });
    if (response.status === 503) return { busySeconds: await secondsOf(response) };
    if (response.status !== 200) throw await refusedAnswer(response, `Cannot read ${url}`);
    const length = response.headers.get("content-length");
    if (length !== null && Number(length) !== lengthBytes) {
      await response.body?.cancel();
      throw new EverseedError(
        "web-seed-range",
        `Cannot read ${url}: expected ${lengthBytes} bytes, received ${length}`,
      );
    }
    return (response.body ?? new ReadableStream()) as unknown as AsyncIterable<Uint8Array>;
  };
}

async function secondsOf(response: Response): Promise<number> {
  let text = "";
  try {
    // Leaving the loop gives up the rest.
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      text += String.fromCharCode(...chunk.subarray(0, MAX_BUSY_BYTES));
      if (text.length >= MAX_BUSY_BYTES) break;
    }
  } catch {
    return DEFAULT_BUSY_SECONDS;
  }
  const seconds = /^\s*(\d{1,9})\s*$/.exec(text)?.[1];
  return seconds === undefined ? DEFAULT_BUSY_SECONDS : Number(seconds);
}
