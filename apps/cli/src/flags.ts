/** Flags that several commands share, so that they read and behave alike. */

export const jsonFlag = { kind: "boolean", default: false, brief: "One JSON object on standard output" } as const;

export function text(brief: string, placeholder = "TEXT") {
  return { kind: "parsed", parse: String, brief, placeholder } as const;
}

export const walletFlag = (brief = "Wallet folder") => ({ ...text(brief, "DIR"), optional: true }) as const;

/** A port number; 0 means any free one. */
export function parsePort(input: string): number {
  const port = Number(input);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`expected a port from 0 to 65535, received ${input}`);
  return port;
}

export const portFlag = (brief: string, fallback = "0") =>
  ({ kind: "parsed", parse: parsePort, brief, default: fallback, placeholder: "N" }) as const;

/** Reads `HOST:PORT`; IPv6 hosts stand in brackets. */
export function parseHostPort(input: string): { host: string; port: number } {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:\s]+)):(\d{1,5})$/.exec(input);
  const port = Number(match?.[3]);
  if (match === null || port < 1 || port > 65_535) throw new Error(`expected HOST:PORT, received ${input}`);
  return { host: (match[1] ?? match[2]) as string, port };
}

/** Reads a rate like `500KiB` or `2MiB` as bytes per second. */
function parseRate(input: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(B|KiB|MiB|GiB|kB|MB|GB)?(?:\/s)?$/i.exec(input);
  const scale = { b: 1, kib: 1 << 10, mib: 1 << 20, gib: 1 << 30, kb: 1e3, mb: 1e6, gb: 1e9 }[
    (match?.[2] ?? "B").toLowerCase()
  ];
  if (match === null || scale === undefined) throw new Error(`expected a rate like 500KiB or 2MiB, received ${input}`);
  return Number(match[1]) * scale;
}

export const rateFlag = (brief = "Most bytes per second, like 2MiB") =>
  ({ kind: "parsed", parse: parseRate, optional: true, brief, placeholder: "RATE" }) as const;
