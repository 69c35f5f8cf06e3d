/**
 * An HTTP tracker (BEP 3, 23) of a few lines, for outside clients in the lab. It is not the product's tracker on purpose: an
 * error shared by our client and our tracker must not hide here. It answers everybody with this machine's own address:
 * Transmission refuses peers on 127.0.0.0/8.
 */
import { createServer } from "node:http";
import { networkInterfaces } from "node:os";

export interface LoopbackTracker {
  readonly url: string;
  /** Ports that announced the infohash (hexadecimal, 40 digits). */
  peers(infoHash: string): readonly number[];
  /** Forgets all who announced: those of the next case shall not look for those of the last. */
  forget(): void;
  close(): Promise<void>;
}

/** This machine's first IPv4 address that is not loopback, or loopback when there is none. */
export function ownAddress(): string {
  for (const addresses of Object.values(networkInterfaces())) {
    for (const address of addresses ?? []) if (address.family === "IPv4" && !address.internal) return address.address;
  }
  return "127.0.0.1";
}

export async function startLoopbackTracker(): Promise<LoopbackTracker> {
  const swarms = new Map<string, Map<number, boolean>>();
  const host = ownAddress();
  const server = createServer((request, response) => {
    const query = /\?(.*)$/.exec(request.url ?? "")?.[1] ?? "";
    const fields = new Map(query.split("&").map((field) => field.split("=", 2) as [string, string]));
    const hash = unescapeBytes(fields.get("info_hash") ?? "").toString("hex");
    const port = Number(fields.get("port"));
    if (/^\/scrape/.test(request.url ?? "")) return void response.end("d5:filesdee");
    if (hash.length !== 40 || !(port > 0)) return void response.end("d14:failure reason11:bad requeste");
    const swarm = swarms.get(hash) ?? new Map<number, boolean>();
    swarms.set(hash, swarm);
    if (fields.get("event") === "stopped") swarm.delete(port);
    else swarm.set(port, fields.get("left") === "0");
    const others = [...swarm.keys()].filter((other) => other !== port);
    const compact = Buffer.concat(
      others.map((other) => Buffer.from([...host.split(".").map(Number), other >> 8, other & 255])),
    );
    const complete = [...swarm.values()].filter(Boolean).length;
    response.end(
      Buffer.concat([
        Buffer.from(
          `d8:completei${complete}e10:incompletei${swarm.size - complete}e8:intervali2e12:min intervali2e5:peers${compact.length}:`,
        ),
        compact,
        Buffer.from("e"),
      ]),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/announce`,
    peers: (infoHash) => [...(swarms.get(infoHash)?.keys() ?? [])],
    forget: () => swarms.clear(),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function unescapeBytes(text: string): Buffer {
  const out: number[] = [];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "%") {
      out.push(Number.parseInt(text.slice(i + 1, i + 3), 16));
      i += 2;
    } else out.push(text.charCodeAt(i));
  }
  return Buffer.from(out);
}
