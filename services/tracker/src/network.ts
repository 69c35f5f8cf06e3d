/** What counts as one address where shares are handed out: a household holds a whole /64 of IPv6. */
import { toHex } from "@everseed/core";
import { parseIpv6 } from "@everseed/wire";

export function networkOf(host: string): string {
  const six = host.includes(":") ? parseIpv6(host) : undefined;
  return six === undefined ? host : toHex(six.subarray(0, 8));
}
