/** Everything that reads what a stranger sent, or what a user types. */
import { DATAGRAM_TARGETS } from "./datagram-targets.ts";
import { DHT_TARGET } from "./dht-target.ts";
import { MARKET_TARGETS } from "./market-targets.ts";
import { PAY_TARGETS } from "./pay-targets.ts";
import { STREAM_TARGETS } from "./stream-targets.ts";
import type { FuzzTarget } from "./target.ts";
import { TORRENT_TARGETS } from "./torrent-targets.ts";
import { TRACKER_TARGETS } from "./tracker-targets.ts";
import { WIRE_TARGETS } from "./wire-targets.ts";

export const TARGETS: readonly FuzzTarget[] = [
  ...TORRENT_TARGETS,
  ...WIRE_TARGETS,
  ...TRACKER_TARGETS,
  ...PAY_TARGETS,
  ...MARKET_TARGETS,
  ...DATAGRAM_TARGETS,
  DHT_TARGET,
  ...STREAM_TARGETS,
];
