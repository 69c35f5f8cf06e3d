import { createServer, type Server } from "node:net";
import { expect, test } from "vitest";
import { freePort } from "./free-port.ts";

test("ports are given once each, can be listened on, and are none of outgoing connections", async () => {
  const ports = await Promise.all(Array.from({ length: 20 }, freePort));
  expect(new Set(ports).size).toBe(ports.length);
  expect(ports.every((port) => port >= 20_000 && port < 32_768)).toBe(true);
  const servers: Server[] = [];
  for (const port of ports) {
    const server = createServer();
    servers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
  }
  for (const server of servers) server.close();
});
