/** A node of Everseed's DHT and nothing else, on 127.0.0.1 and in this process, for others to begin with. */
import { systemClock, systemRandom } from "@everseed/core";
import { Dht } from "@everseed/engine";
import { openDatagramPort } from "@everseed/engine/node";
import type { HostPort } from "../client.ts";

export interface RunningDhtNode extends HostPort {
  readonly dht: Dht;
  stop(): Promise<void>;
}

export async function startDhtNode(): Promise<RunningDhtNode> {
  const host = "127.0.0.1";
  const udp = await openDatagramPort(0, host);
  const dht = new Dht({ port: udp, clock: systemClock, random: systemRandom, bootstrap: [], local: true });
  await dht.start();
  return {
    host,
    port: udp.port,
    dht,
    stop: async () => {
      dht.stop();
      await udp.close();
    },
  };
}
