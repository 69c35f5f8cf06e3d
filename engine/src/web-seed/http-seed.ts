/**
 * HTTP seeds (BEP 17): a script that knows the torrent and is asked for ranges of a piece, by infohash. It may say that it is
 * busy, and for how long. The torrent's v1 infohash is what it goes by, so there is none for a pure v2 torrent.
 */
import type { Clock, RandomBytes } from "@everseed/core";
import type { Metainfo } from "@everseed/metainfo";
import type { Connection } from "../transport.ts";
import { HttpPeer, type HttpSource, ServerBusy } from "./http-peer.ts";

/**
 * What a URL answers: its body, of so many bytes, or for how long to leave it alone. Rejects with EverseedError `web-seed-*`;
 * the signal ends the transfer.
 */
export type HttpPiece = (
  url: string,
  expected: { readonly lengthBytes: number; readonly signal: AbortSignal },
) => Promise<AsyncIterable<Uint8Array> | { readonly busySeconds: number }>;

export interface HttpSeedInit {
  readonly url: string;
  readonly metainfo: Metainfo & Required<Pick<Metainfo, "infoHashV1">>;
  readonly http: HttpPiece;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** Called once, when the connection ends, by whichever side. */
  readonly onClose: (error?: Error) => void;
}

/** Hand it to `Engine.addConnection`. */
export function openHttpSeed({ url, metainfo, http, ...init }: HttpSeedInit): Connection {
  return new HttpPeer({ ...init, source: scriptSource(url, metainfo, http) });
}

/** Bytes [start, end) of the piece. The last number of a range is that of its last byte. */
export function httpSeedUrl(url: string, infoHash: Uint8Array, piece: number, start: number, end: number): string {
  const hash = [...infoHash].map((byte) => `%${byte.toString(16).padStart(2, "0").toUpperCase()}`).join("");
  const [base = ""] = url.split("#");
  return `${base}${base.includes("?") ? "&" : "?"}info_hash=${hash}&piece=${piece}&ranges=${start}-${end - 1}`;
}

function scriptSource(url: string, metainfo: HttpSeedInit["metainfo"], http: HttpPiece): HttpSource {
  const { pieceLengthBytes, infoHashV1 } = metainfo;
  return {
    url,
    pieceLengthBytes,
    pieceByPiece: true,
    async *read(startBytes, lengthBytes, signal) {
      const piece = Math.floor(startBytes / pieceLengthBytes);
      const start = startBytes % pieceLengthBytes;
      const answer = await http(httpSeedUrl(url, infoHashV1.bytes, piece, start, start + lengthBytes), {
        lengthBytes,
        signal,
      });
      if ("busySeconds" in answer) throw new ServerBusy(answer.busySeconds);
      yield* answer;
    },
  };
}
