/** `HttpGet` over fetch: bounded in size, time and redirects. */
import { EverseedError } from "@everseed/core";
import type { HttpGet } from "../discovery/tracker-client.ts";

export const httpGet: HttpGet = async (url, { maxBytes, timeoutMs, signal }) => {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      headers: { "user-agent": "Everseed/0.1.0" },
    });
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of response.body ?? []) {
      size += part.length;
      if (size > maxBytes) throw new Error(`an answer of more than ${maxBytes} bytes`);
      parts.push(part);
    }
    if (!response.ok) throw new Error(`status ${response.status}`);
    return new Uint8Array(Buffer.concat(parts));
  } catch (cause) {
    const reason =
      (cause as Error).cause instanceof Error ? ((cause as Error).cause as Error).message : (cause as Error).message;
    throw new EverseedError("http-failed", `Cannot fetch ${new URL(url).origin}: ${reason}`, {
      cause,
      retryable: true,
    });
  }
};
