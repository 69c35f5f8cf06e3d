/** Flags about how peers are found and met, the same for every command that has a node. */
import { readFile } from "node:fs/promises";
import { EverseedError } from "@everseed/core";
import { AddressFilter, type EncryptionPolicy } from "@everseed/engine";
import type { NodeInit } from "@everseed/node";
import { parseHostPort, text } from "./flags.ts";

export interface NetworkFlags {
  readonly host?: string;
  readonly dht: boolean;
  readonly dhtNode?: readonly { host: string; port: number }[];
  readonly local: boolean;
  readonly mapPort: boolean;
  readonly encryption: EncryptionPolicy;
  readonly transport: "both" | "tcp" | "utp";
  readonly webRtc: boolean;
  readonly stun?: readonly { host: string; port: number }[];
  readonly blocklist?: string;
}

export const networkFlags = {
  host: { ...text("Address to listen on (default: all)", "ADDRESS"), optional: true },
  dht: { kind: "boolean", default: true, brief: "Find peers through the DHT" },
  dhtNode: {
    kind: "parsed",
    parse: parseHostPort,
    variadic: true,
    optional: true,
    brief: "Node to join the DHT by, in place of the public ones; repeat for several",
    placeholder: "HOST:PORT",
  },
  local: { kind: "boolean", default: true, brief: "Find peers on the same network" },
  mapPort: { kind: "boolean", default: true, brief: "Ask the router to let peers in (UPnP, NAT-PMP)" },
  transport: {
    kind: "enum",
    values: ["both", "tcp", "utp"],
    default: "both",
    brief: "How peers are met: over TCP, uTP, or first the one and then the other",
  },
  webRtc: { kind: "boolean", default: true, brief: "Meet browsers, where a torrent has WebSocket trackers" },
  stun: {
    kind: "parsed",
    parse: parseHostPort,
    variadic: true,
    optional: true,
    brief: "STUN server that tells our address for browsers, in place of the public ones; repeat for several",
    placeholder: "HOST:PORT",
  },
  encryption: {
    kind: "enum",
    values: ["prefer", "allow", "require", "off"],
    default: "prefer",
    brief: "Whether connections are encrypted",
  },
  blocklist: { ...text("List of addresses that are refused (PeerGuardian, eMule or CIDR)", "FILE"), optional: true },
} as const;

/**
 * Those that WebTorrent's pages ask, so that whoever runs them learns nothing of a swarm that he does not see already. A browser
 * behind a NAT can dial nobody by the address it knows of itself; a STUN server tells each side the address that the other
 * sees, and no more: no data passes it. Asked only for a torrent with a WebSocket tracker, and never from loopback, where the
 * own address is known.
 */
const STUN_SERVERS = [
  { host: "stun.l.google.com", port: 19_302 },
  { host: "global.stun.twilio.com", port: 3_478 },
];

const isLoopback = (host: string | undefined): boolean => host !== undefined && /^(127\.|::1$|localhost$)/.test(host);

/** How the flags have a node take part in the DHT. On loopback it needs a node that it is told of. */
export function dhtInit({
  host,
  dht,
  dhtNode: bootstrap,
}: Pick<NetworkFlags, "host" | "dht" | "dhtNode">): Pick<NodeInit, "dht"> {
  const loopback = isLoopback(host);
  if (!dht || (loopback && bootstrap === undefined)) return {};
  return { dht: { ...(bootstrap === undefined ? {} : { bootstrap }), ...(loopback ? { local: true } : {}) } };
}

/** What of a node's settings the flags decide. A node on loopback meets nobody but those it is told of. */
export async function networkInit(
  flags: NetworkFlags,
): Promise<
  Pick<NodeInit, "host" | "dht" | "localDiscovery" | "mapPort" | "transports" | "webRtc" | "encryption" | "filter">
> {
  const loopback = isLoopback(flags.host);
  const { stun = loopback ? [] : STUN_SERVERS } = flags;
  const iceServers = stun.map(({ host, port }) => ({
    urls: `stun:${host.includes(":") ? `[${host}]` : host}:${port}`,
  }));
  return {
    ...(flags.host === undefined ? {} : { host: flags.host }),
    ...dhtInit(flags),
    localDiscovery: flags.local && !loopback,
    ...(flags.mapPort && !loopback ? { mapPort: {} } : {}),
    transports: flags.transport === "both" ? ["tcp", "utp"] : [flags.transport],
    ...(flags.webRtc ? { webRtc: { iceServers, ...(loopback ? { host: flags.host as string } : {}) } } : {}),
    encryption: flags.encryption,
    ...(flags.blocklist === undefined ? {} : { filter: await readFilter(flags.blocklist) }),
  };
}

async function readFilter(path: string): Promise<AddressFilter> {
  let list: string;
  try {
    list = await readFile(path, "latin1");
  } catch (cause) {
    throw new EverseedError("file-unreadable", `Cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
  const filter = AddressFilter.parse(list);
  if (filter.size > 0 || filter.unread === 0) return filter;
  throw new EverseedError(
    "blocklist-empty",
    `Cannot use ${path}: none of its ${filter.unread} lines is an address range`,
    {
      hint: "Lines like `name:1.2.3.0-1.2.3.255`, `1.2.3.0 - 1.2.3.255 , 100 , name` or `1.2.3.0/24` are read.",
    },
  );
}
