/** `Multicast` over node:dgram, for local discovery (BEP 14). */

import { createSocket, type Socket } from "node:dgram";
import { networkInterfaces } from "node:os";
import { LSD_GROUPS, type Multicast } from "../discovery/local-discovery.ts";

/** BEP 14 packets stay on the local network. */
const HOPS = 1;

/** Joins the groups on every interface that has multicast. Rejects when there is none. */
export async function openMulticast(receive: (packet: Uint8Array, host: string) => void): Promise<Multicast> {
  const sockets = new Map<4 | 6, Socket>();
  for (const family of [4, 6] as const) {
    try {
      sockets.set(family, await open(family, receive));
    } catch {
      // No multicast in this family; the other may have it.
    }
  }
  if (sockets.size === 0) throw new Error("no interface has multicast");
  return {
    families: [...sockets.keys()],
    send(packet, family) {
      const { host, port } = LSD_GROUPS[family];
      sockets.get(family)?.send(packet, port, host, () => undefined);
    },
    async close() {
      await Promise.all([...sockets.values()].map((socket) => new Promise<void>((done) => socket.close(done))));
    },
  };
}

async function open(family: 4 | 6, receive: (packet: Uint8Array, host: string) => void): Promise<Socket> {
  const { host, port } = LSD_GROUPS[family];
  const socket = createSocket({ type: family === 4 ? "udp4" : "udp6", reuseAddr: true });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.bind({ port }, resolve);
    });
    let joined = 0;
    for (const [name, addresses] of Object.entries(networkInterfaces())) {
      const own = addresses?.find((address) => address.family === `IPv${family}`);
      if (own === undefined) continue;
      try {
        socket.addMembership(host, family === 4 ? own.address : `::%${name}`);
        joined++;
      } catch {
        // This interface has no multicast.
      }
    }
    if (joined === 0) throw new Error("no interface joined the group");
    if (family === 4) socket.setMulticastTTL(HOPS);
    socket.on("error", () => undefined);
    socket.on("message", (packet, from) => receive(packet, from.address.replace(/%.*$/, "")));
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}
