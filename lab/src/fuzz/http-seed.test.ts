/** What a hostile HTTP seed (BEP 17) may answer, byte for byte: mutated answers over a real socket. */
import { type AddressInfo, createServer, type Socket } from "node:net";
import { seededRandom, utf8 } from "@everseed/core";
import { createHttpPiece } from "@everseed/engine/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mutate } from "./mutate.ts";
import { sample } from "./target.ts";

const LENGTH = 400;
const SEED = Date.now() % 1_000_000_000;
const answer = (status: string, headers: readonly string[], body: Uint8Array): Uint8Array =>
  new Uint8Array(
    Buffer.concat([utf8([`HTTP/1.1 ${status}`, "connection: close", ...headers, "", ""].join("\r\n")), body]),
  );
const CORPUS: readonly Uint8Array[] = [
  answer("200 OK", [`content-length: ${LENGTH}`], sample(LENGTH)),
  answer("200 OK", [], sample(LENGTH)),
  answer("200 OK", ["transfer-encoding: chunked"], utf8(`190\r\n${"x".repeat(LENGTH)}\r\n0\r\n\r\n`)),
  answer("206 Partial Content", ["content-range: bytes 0-399/1000", "content-length: 400"], sample(LENGTH)),
  answer("503 Busy", ["content-length: 2"], utf8("90")),
  answer("503 Busy", ["content-encoding: gzip"], utf8("9999999999")),
  answer("302 Found", ["location: /again", "content-length: 0"], new Uint8Array()),
  answer("404 Not Found", [], utf8("no")),
];

let next = new Uint8Array();
const sockets = new Set<Socket>();
const server = createServer((socket) => {
  sockets.add(socket);
  socket.on("close", () => sockets.delete(socket));
  socket.on("error", () => undefined);
  socket.once("data", () => socket.end(next));
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
});

test(`an HTTP seed's answer is a body, a time to wait, or an error; seed ${SEED}`, async () => {
  const http = createHttpPiece({ allowLocal: true });
  const random = seededRandom(SEED);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/seed?info_hash=x&piece=0&ranges=0-399`;
  const seen = { body: 0, busy: 0, error: 0 };
  for (let i = 0; i < 1_500; i++) {
    next = new Uint8Array(i < CORPUS.length ? (CORPUS[i] as Uint8Array) : mutate(random, CORPUS));
    try {
      const got = await http(url, { lengthBytes: LENGTH, signal: AbortSignal.timeout(5_000) });
      if ("busySeconds" in got) {
        seen.busy++;
        expect(Number.isSafeInteger(got.busySeconds) && got.busySeconds >= 0).toBe(true);
      } else {
        for await (const chunk of got) expect(chunk).toBeInstanceOf(Uint8Array);
        seen.body++;
      }
    } catch (error) {
      // Nothing waits until it is told to stop: the answer has ended.
      expect((error as Error).name, Buffer.from(next).toString("hex")).not.toMatch(/Timeout|Assertion/);
      seen.error++;
    }
  }
  expect(Math.min(seen.body, seen.busy, seen.error)).toBeGreaterThan(50);
}, 60_000);
