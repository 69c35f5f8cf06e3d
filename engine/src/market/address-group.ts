/**
 * What is hard to have many of: the IPv4 /24 or the IPv6 /48 of a peer's address. Other names (WebRTC, the simulator) are
 * groups of their own.
 */
export function addressGroup(remote: string): string {
  const host = remote.slice(0, Math.max(0, remote.lastIndexOf(":"))).replace(/^\[|\]$/g, "");
  const v4 = /^(?:::ffff:)?(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/i.exec(host);
  if (v4 !== null) return v4[1] as string;
  if (!/^[0-9a-f:]+$/i.test(host) || !host.includes(":")) return host;
  const [head = "", tail] = host.toLowerCase().split("::");
  const start = head === "" ? [] : head.split(":");
  const end = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - start.length - end.length);
  const words = [...start, ...Array<string>(zeros).fill("0"), ...end];
  return words
    .slice(0, 3)
    .map((word) => Number.parseInt(word, 16).toString(16))
    .join(":");
}
