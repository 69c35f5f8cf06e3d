/**
 * `fetch` of a URL that strangers chose, for web seeds (BEP 17, 19). It may not lead into the machine's own network: each hop's
 * host is looked up first, and private addresses are refused unless that is allowed. Redirects and the wait are bounded.
 */
import { lookup } from "node:dns/promises";
import { EverseedError } from "@everseed/core";
import { isLocalAddress } from "../dht/node-id.ts";

const MAX_REDIRECTS = 5;
const HEADERS_MS = 20_000;

export interface GuardedFetchInit {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Lets the URL lead to loopback and private addresses. */
  readonly allowLocal: boolean;
}

/** Resolves with the answer and the URL it came from. Rejects with EverseedError `web-seed-refused` or `web-seed-address`. */
export async function guardedFetch(
  first: string,
  { headers, signal, allowLocal }: GuardedFetchInit,
): Promise<{ response: Response; url: string }> {
  let url = first;
  for (let hop = 0; ; hop++) {
    await checkAddress(url, allowLocal);
    const late = AbortSignal.timeout(HEADERS_MS);
    const arrived = new AbortController();
    const giveUp = (): void => arrived.abort(late.reason);
    late.addEventListener("abort", giveUp);
    const response = await fetch(url, {
      headers: { ...headers, "user-agent": "Everseed" },
      redirect: "manual",
      signal: AbortSignal.any([signal, arrived.signal]),
    }).catch((cause: unknown) => {
      throw new EverseedError("web-seed-refused", `Cannot read ${url}: ${(cause as Error).message}`, {
        cause,
        retryable: true,
      });
    });
    late.removeEventListener("abort", giveUp);
    const location = response.headers.get("location");
    if (response.status < 300 || response.status >= 400 || location === null || hop >= MAX_REDIRECTS)
      return { response, url };
    await response.body?.cancel();
    const next = new URL(location, url);
    if (url.startsWith("https:") && next.protocol !== "https:") throw refusedAddress(next.href, "leaves https");
    url = next.href;
  }
}

/** The server's answer is none that helps. */
export async function refusedAnswer(response: Response, what: string): Promise<EverseedError> {
  await response.body?.cancel();
  const retryable = response.status >= 500 || response.status === 429;
  return new EverseedError("web-seed-refused", `${what}: the server answered ${response.status}`, { retryable });
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
