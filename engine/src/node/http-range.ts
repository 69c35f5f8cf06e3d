/**
 * `HttpRange` over fetch, for web seeds (BEP 19). A torrent is made by strangers, so its URLs may not lead into the machine's
 * own network: each hop's host is looked up first, and private addresses are refused unless that is allowed.
 */
import { lookup } from "node:dns/promises";
import { EverseedError } from "@everseed/core";
import { isLocalAddress } from "../dht/node-id.ts";
import type { HttpRange } from "../web-seed/web-seed.ts";

const MAX_REDIRECTS = 5;
const HEADERS_MS = 20_000;

export interface HttpRangeInit {
  /** Lets URLs lead to loopback and private addresses. @default false */
  readonly allowLocal?: boolean;
}

/** Rejects with EverseedError `web-seed-refused`, `web-seed-range` or `web-seed-address`. */
export function createHttpRange({ allowLocal = false }: HttpRangeInit = {}): HttpRange {
  return async (first, { start, end, signal }) => {
    let url = first;
    for (let hop = 0; ; hop++) {
      await checkAddress(url, allowLocal);
      const headers = AbortSignal.timeout(HEADERS_MS);
      const arrived = new AbortController();
      const giveUp = (): void => arrived.abort(headers.reason);
      headers.addEventListener("abort", giveUp);
      const response = await fetch(url, {
        headers: { range: `bytes=${start}-${end - 1}`, "user-agent": "Everseed" },
        redirect: "manual",
        signal: AbortSignal.any([signal, arrived.signal]),
      }).catch((cause: unknown) => {
        throw new EverseedError("web-seed-refused", `Cannot read ${url}: ${(cause as Error).message}`, {
          cause,
          retryable: true,
        });
      });
      headers.removeEventListener("abort", giveUp);
      const location = response.headers.get("location");
      if (response.status >= 300 && response.status < 400 && location !== null && hop < MAX_REDIRECTS) {
        await response.body?.cancel();
        const next = new URL(location, url);
        if (url.startsWith("https:") && next.protocol !== "https:") throw refusedAddress(next.href, "leaves https");
        url = next.href;
        continue;
      }
      await checkAnswer(response, url, start, end);
      return (response.body ?? new ReadableStream()) as unknown as AsyncIterable<Uint8Array>;
    }
  };
}

async function checkAnswer(response: Response, url: string, start: number, end: number): Promise<void> {
  const range = /^bytes (\d+)-(\d+)\//.exec(response.headers.get("content-range") ?? "");
  const partial = response.status === 206 && Number(range?.[1]) === start && Number(range?.[2]) === end - 1;
  // A server without ranges does where the range is the whole file.
  const whole = response.status === 200 && start === 0 && Number(response.headers.get("content-length")) === end;
  if (partial || whole) return;
  await response.body?.cancel();
  const what = `Cannot read bytes ${start} to ${end} of ${url}: the server answered ${response.status}`;
  if (response.status === 200 || response.status === 206)
    throw new EverseedError("web-seed-range", `${what} with another range`);
  const retryable = response.status >= 500 || response.status === 429;
  throw new EverseedError("web-seed-refused", what, { retryable });
}

async function checkAddress(url: string, allowLocal: boolean): Promise<void> {
  const { protocol, hostname } = new URL(url);
  if (protocol !== "http:" && protocol !== "https:") throw refusedAddress(url, "is neither http nor https");
  if (allowLocal) return;
  const addresses = await lookup(hostname.replace(/^\[|\]$/g, ""), { all: true }).catch((cause: unknown) => {
    throw new EverseedError("web-seed-refused", `Cannot find ${hostname}`, { cause, retryable: true });
  });
  if (addresses.some(({ address }) => isLocalAddress(address)))
    throw refusedAddress(url, "leads into a private network");
}

function refusedAddress(url: string, why: string): EverseedError {
  return new EverseedError("web-seed-address", `Cannot use the web seed ${url}: it ${why}`);
}
