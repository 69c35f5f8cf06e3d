/**
 * `HttpGet` over node:http: bounded in size, time and redirects. Not over fetch, which cannot be told which of a host's
 * addresses to ask.
 */
import type { IncomingMessage } from "node:http";
import type { LookupFunction } from "node:net";
import { gunzipSync } from "node:zlib";
import { EverseedError } from "@everseed/core";
import { http, https } from "@everseed/core/node";
import type { HttpGet } from "../discovery/tracker-client.ts";

const MAX_REDIRECTS = 5;
const HEADERS = { "user-agent": "Everseed/0.1.0", "accept-encoding": "gzip" };

/** Rejects with EverseedError `http-failed`. */
export const httpGet: HttpGet = async (url, { maxBytes, timeoutMs, signal, address }) => {
  const timeout = AbortSignal.timeout(timeoutMs);
  const ending = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
  try {
    let target = new URL(url);
    const { host } = target;
    for (let hops = 0; ; hops++) {
      // The address is that of the host that was asked for, and of no other.
      const response = await open(target, target.host === host ? address : undefined, ending);
      const { statusCode = 0, headers } = response;
      if (statusCode < 300 || statusCode > 399 || headers.location === undefined)
        return await read(response, maxBytes, ending);
      response.destroy();
      if (hops >= MAX_REDIRECTS) throw new Error(`more than ${MAX_REDIRECTS} redirects`);
      target = new URL(headers.location, target);
    }
  } catch (cause) {
    const reason = timeout.aborted ? `no answer in ${timeoutMs / 1000} s` : (cause as Error).message;
    throw new EverseedError("http-failed", `Cannot fetch ${originOf(url)}: ${reason}`, { cause, retryable: true });
  }
};

function open(url: URL, address: string | undefined, signal: AbortSignal): Promise<IncomingMessage> {
  if (url.protocol !== "http:" && url.protocol !== "https:") throw new Error(`${url.protocol} is not HTTP`);
  const family = address?.includes(":") === true ? 6 : 4;
  const lookup: LookupFunction = (_host, { all }, found) =>
    all === true ? found(null, [{ address: address as string, family }]) : found(null, address as string, family);
  return new Promise((resolve, reject) => {
    const request = (url.protocol === "https:" ? https.request : http.request)(url, {
      signal,
      headers: HEADERS,
      // A connection that stays open is worth nothing until the next announce.
      agent: false,
      ...(address === undefined ? {} : { lookup }),
    });
    request.once("response", resolve);
    request.on("error", reject);
    request.end();
  });
}

async function read(response: IncomingMessage, maxBytes: number, ending: AbortSignal): Promise<Uint8Array> {
  const { statusCode = 0, headers } = response;
  if (statusCode < 200 || statusCode > 299) {
    response.destroy();
    throw new Error(`status ${statusCode}`);
  }
  const parts: Buffer[] = [];
  let size = 0;
  // Leaving the loop ends the transfer.
  for await (const part of response as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > maxBytes) throw new Error(`an answer of more than ${maxBytes} bytes`);
    parts.push(part);
  }
  // A transfer that was ended may look like one that is over.
  if (ending.aborted || !response.complete) throw new Error("the answer ended early");
  const body = Buffer.concat(parts);
  return new Uint8Array(/gzip/i.test(headers["content-encoding"] ?? "") ? unpack(body, maxBytes) : body);
}

function unpack(body: Buffer, maxBytes: number): Buffer {
  try {
    return gunzipSync(body, { maxOutputLength: maxBytes });
  } catch (cause) {
    throw new Error(`an answer of at most ${maxBytes} bytes cannot be unpacked`, { cause });
  }
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : "a URL that is none";
}
