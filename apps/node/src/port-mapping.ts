/**
 * Asks the router to let peers in: UPnP and NAT-PMP by npm's nat-api, loaded when it is wanted. A router that does not answer
 * costs nothing but that peers must be dialled from here; the mapping is renewed while the node runs and taken back at its end.
 */

/** A router that agreed is asked to forget it again, for no longer than this; the mapping would end by itself. */
const FAREWELL_MS = 6_000;
const TTL_S = 7_200;
/** Loading the client takes 90 ms of a core, as much as the first megabytes: a download that is over by then needs no port. */
const DELAY_MS = 2_000;

export interface PortMapping {
  stop(): Promise<void>;
}

/** Maps the port for TCP and UDP. `onMapped` is told once whether any router agreed. */
export function mapPort(port: number, onMapped: (mapped: boolean) => void): PortMapping {
  let stopped = false;
  let agreed = false;
  const { promise: due, resolve: begin } = Promise.withResolvers<void>();
  const delay = setTimeout(begin, DELAY_MS);
  const opening = due.then(open);
  async function open() {
    const { default: NatApi } = await import("@silentbot1/nat-api");
    const nat = new NatApi({ ttl: TTL_S, description: "Everseed" });
    // Without a protocol both are mapped.
    const mapped = await nat.map(port).catch(() => false);
    agreed = mapped === true;
    if (!stopped) onMapped(agreed);
    return nat;
  }
  opening.catch(() => onMapped(false));
  return {
    async stop() {
      stopped = true;
      clearTimeout(delay);
      const farewell = opening.then((nat) => nat.destroy()).catch(() => undefined);
      if (!agreed) return;
      await Promise.race([farewell, new Promise((resolve) => setTimeout(resolve, FAREWELL_MS).unref())]);
    },
  };
}
