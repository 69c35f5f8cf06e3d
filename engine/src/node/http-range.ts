/** `HttpRange` over fetch, for web seeds (BEP 19): the range that was asked for, or nothing. */
import { EverseedError } from "@everseed/core";
import type { HttpRange } from "../web-seed/web-seed.ts";
import { guardedFetch, refusedAnswer } from "./guarded-fetch.ts";

export interface HttpRangeInit {
  /** Lets URLs lead to loopback and private addresses. @default false */
  readonly allowLocal?: boolean;
}

/** Rejects with EverseedError `web-seed-refused`, `web-seed-range` or `web-seed-address`. */
export function createHttpRange({ allowLocal = false }: HttpRangeInit = {}): HttpRange {
  return async (first, { start, end, signal }) => {
    const headers = { range: `bytes=${start}-${end - 1}` };
    const { response, url } = await guardedFetch(first, { headers, signal, allowLocal });
    await checkAnswer(response, url, start, end);
    return (response.body ?? new ReadableStream()) as unknown as AsyncIterable<Uint8Array>;
  };
}

async function checkAnswer(response: Response, url: string, start: number, end: number): Promise<void> {
  const range = /^bytes (\d+)-(\d+)\//.exec(response.headers.get("content-range") ?? "");
  const partial = response.status === 206 && Number(range?.[1]) === start && Number(range?.[2]) === end - 1;
  // A server without ranges does where the range is the whole file.
  const whole = response.status === 200 && start === 0 && Number(response.headers.get("content-length")) === end;
  if (partial || whole) return;
  const what = `Cannot read bytes ${start} to ${end} of ${url}`;
  if (response.status !== 200 && response.status !== 206) throw await refusedAnswer(response, what);
  await response.body?.cancel();
  throw new EverseedError("web-seed-range", `${what}: the server answered ${response.status} with another range`);
}
