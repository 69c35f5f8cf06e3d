/** `DatagramPort` over node:dgram: one socket for each address family, both on the same port number. */

import { createSocket, type Socket } from "node:dgram";
import { EverseedError } from "@everseed/core";
import type { DatagramPort, DatagramReceiver } from "../datagrams.ts";

/** A burst of a gigabit link while the process hashes a piece. */
const RECEIVE_BUFFER_BYTES = 4 << 20;

/**
 * Binds UDP `port` (0: any free one). With an IPv4 `host` only that address is bound; with none, all of both families where
 * the machine has IPv6. Rejects with EverseedError `listen-failed`.
 */
export async function openDatagramPort(port: number, host?: string): Promise<DatagramPort> {
  const receivers = new Set<DatagramReceiver>();
  const sockets: { v4?: Socket; v6?: Socket } = {};
  const open = async (type: "udp4" | "udp6", at: number): Promise<Socket> => {
    const socket = createSocket({ type, ...(type === "udp6" ? { ipv6Only: true } : {}) });
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.bind({ port: at, ...(host === undefined ? {} : { address: host }) }, () => {
        socket.off("error", reject);
        resolve();
      });
    });
    try {
      socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
    } catch {
      // The system's limit stands; what is lost is sent again.
    }
    socket.on("error", () => undefined); // an unreachable peer's ICMP answer is no fault of the port
    socket.on("message", (packet, from) => {
      for (const receive of receivers) if (receive(packet, from.address, from.port)) return;
    });
    return socket;
  };
  const wantsV4 = host === undefined || !host.includes(":");
  const wantsV6 = host === undefined || host.includes(":");
  try {
    if (wantsV4) sockets.v4 = await open("udp4", port);
    if (wantsV6) {
      const opening = open("udp6", sockets.v4?.address().port ?? port);
      // A machine without IPv6 does without it, unless it was asked for by address.
      const socket = await (wantsV4 ? opening.catch(() => undefined) : opening);
      if (socket !== undefined) sockets.v6 = socket;
    }
  } catch (cause) {
    sockets.v4?.close();
    throw new EverseedError("listen-failed", `Cannot listen on UDP port ${port}: ${(cause as Error).message}`, {
      cause,
      hint: "Choose another port with --port, or 0 for any free one.",
    });
  }
  let closed = false;
  return {
    port: (sockets.v4 ?? sockets.v6)?.address().port ?? 0,
    send(packet, to, toPort) {
      const socket = to.includes(":") ? sockets.v6 : sockets.v4;
      if (!closed && socket !== undefined && toPort > 0) socket.send(packet, toPort, to, () => undefined);
    },
    subscribe(receive) {
      receivers.add(receive);
      return () => void receivers.delete(receive);
    },
    async close() {
      if (closed) return;
      closed = true;
      await Promise.all(
        [sockets.v4, sockets.v6].map((socket) => new Promise<void>((done) => (socket ? socket.close(done) : done()))),
      );
    },
  };
}
