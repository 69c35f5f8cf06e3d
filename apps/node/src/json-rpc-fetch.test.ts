import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createChannelsClient } from "@everseed/chain";
import type { Address } from "@everseed/core";
import { afterEach, describe, expect, test } from "vitest";
import { jsonRpcFetch } from "./json-rpc-fetch.ts";

const CONTRACT = `0x${"11".repeat(20)}` as Address;
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function clientAt(rpcUrl: string) {
  return createChannelsClient({
    rpcUrl,
    chainId: 31_337,
    contract: CONTRACT,
    privateKey: new Uint8Array(32).fill(7),
    fetch: jsonRpcFetch,
  });
}

describe("JSON-RPC over node:http", () => {
  test("posts what the chain client asks and brings the answer", async () => {
    const asked: { method: string | undefined; type: string | undefined; call: { method: string } }[] = [];
    const url = await serve((request, response) => {
      let text = "";
      request.on("data", (part: Buffer) => (text += part.toString()));
      request.on("end", () => {
        const call = JSON.parse(text) as { id: number; method: string };
        asked.push({ method: request.method, type: request.headers["content-type"], call });
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ jsonrpc: "2.0", id: call.id, result: { timestamp: "0x10", transactions: [] } }));
      });
    });
    expect(await clientAt(url).time()).toBe(16);
    expect(asked[0]).toMatchObject({
      method: "POST",
      type: "application/json",
      call: { method: "eth_getBlockByNumber" },
    });
  });

  test("a status that is an error, with and without words, is one to the caller", async () => {
    for (const [status, words] of [
      [502, "bad gateway"],
      [500, ""],
      [204, ""],
    ] as const) {
      const url = await serve((_request, response) => response.writeHead(status).end(words));
      const answer = await jsonRpcFetch(url, { method: "POST", body: "{}" });
      expect([answer.status, answer.ok, await answer.text()]).toEqual([status, status === 204, words]);
    }
  });

  test("an answer without end is given up, and so is one that nobody waits for any more", async () => {
    const url = await serve((_request, response) => {
      const more = (): void =>
        void (response.write(Buffer.alloc(1 << 20)) ? setImmediate(more) : response.once("drain", more));
      more();
    });
    await expect(jsonRpcFetch(url, { method: "POST", body: "{}" })).rejects.toThrow("more than 10 MiB");
    const silent = await serve(() => undefined);
    const waiting = jsonRpcFetch(silent, { method: "POST", body: "{}", signal: AbortSignal.timeout(50) });
    await expect(waiting).rejects.toThrow();
  });
});
