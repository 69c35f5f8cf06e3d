/**
 * `fetch` for JSON-RPC over node:http. The one that is built in compiles its HTTP parser again when it has answered a few
 * calls: 60 ms of CPU time and 23 MiB in every node that pays, in the middle of its first transfer.
 */
import type { IncomingMessage } from "node:http";
import { http, https } from "@everseed/core/node";

/** The chain client refuses longer answers itself; this keeps them from being read. */
const MAX_ANSWER_BYTES = 10 << 20;

/** A POST of text; redirects are not followed: a node's address is what the user gave. */
export const jsonRpcFetch: typeof fetch = async (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input);
  const message = await send(url, init ?? {});
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of message as AsyncIterable<Uint8Array>) {
    bytes += part.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error(`an answer of more than ${MAX_ANSWER_BYTES >> 20} MiB`);
    parts.push(part);
  }
  const type = message.headers["content-type"];
  return new Response(bytes === 0 ? null : Buffer.concat(parts), {
    status: message.statusCode ?? 0,
    ...(message.statusMessage === undefined ? {} : { statusText: message.statusMessage }),
    headers: type === undefined ? {} : { "content-type": type },
  });
};

function send(url: URL, { method = "POST", headers, body, signal }: RequestInit): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === "https:" ? https.request : http.request)(url, {
      method,
      headers: Object.fromEntries(new Headers(headers)),
      ...(signal == null ? {} : { signal }),
    });
    request.once("response", resolve);
    request.on("error", reject);
    request.end(body as string);
  });
}
