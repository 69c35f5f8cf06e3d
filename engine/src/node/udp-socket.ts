/** `OpenUdp` over node:dgram: one connected socket per exchange, so that only the tracker itself is heard. */

import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { EverseedError } from "@everseed/core";
import type { OpenUdp } from "../discovery/udp-announce.ts";

export const openUdp: OpenUdp = async (host, port, onPacket, onError) => {
  const { address, family } = await lookup(host).catch((cause: unknown) => {
    throw new EverseedError("dns-failed", `Cannot resolve ${host}`, { cause, retryable: true });
  });
  const socket = createSocket(family === 6 ? "udp6" : "udp4");
  socket.on("message", (packet) => onPacket(new Uint8Array(packet)));
  socket.on("error", onError);
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.connect(port, address, () => {
      socket.off("error", reject);
      resolve();
    });
  });
  return {
    family: family === 6 ? 6 : 4,
    send: (packet) => socket.send(packet),
    close: () => socket.close(),
  };
};
