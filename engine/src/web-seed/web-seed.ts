/**
 * Web seeds (BEP 19): a server of plain files, asked for ranges of them. A range of the torrent may touch several files; what
 * lies between them is padding, which nobody stores.
 */
import { type Clock, EverseedError, type RandomBytes } from "@everseed/core";
import type { Metainfo } from "@everseed/metainfo";
import { createSpans } from "../storage-layout.ts";
import type { Connection } from "../transport.ts";
import { HttpPeer, type HttpSource } from "./http-peer.ts";

/**
 * Bytes [start, end) of a file. Rejects with EverseedError `web-seed-*` when the server has not exactly those; the signal ends
 * the transfer.
 */
export type HttpRange = (
  url: string,
  range: { readonly start: number; readonly end: number; readonly signal: AbortSignal },
) => Promise<AsyncIterable<Uint8Array>>;

export interface WebSeedInit {
  readonly url: string;
  readonly metainfo: Metainfo;
  readonly http: HttpRange;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** Called once, when the connection ends, by whichever side. */
  readonly onClose: (error?: Error) => void;
}

/** Hand it to `Engine.addConnection`. */
export function openWebSeed({ url, metainfo, http, ...init }: WebSeedInit): Connection {
  return new HttpPeer({ ...init, source: fileSource(url, metainfo, http) });
}

/** Where the file lies (BEP 19): a URL that ends in a slash is a folder, another is the file of a single-file torrent. */
export function webSeedUrl(url: string, metainfo: Metainfo, file: number): string {
  const { name, singleFile, files } = metainfo;
  if (singleFile && !url.endsWith("/")) return url;
  const path = singleFile ? [name] : [name, ...(files[file]?.path ?? [])];
  return `${url.replace(/\/?$/, "/")}${path.map((part) => encodeURIComponent(part.toWellFormed())).join("/")}`;
}

function fileSource(url: string, metainfo: Metainfo, http: HttpRange): HttpSource {
  const spansOf = createSpans(metainfo);
  return {
    url,
    pieceLengthBytes: metainfo.pieceLengthBytes,
    pieceByPiece: false,
    async *read(startBytes, lengthBytes, signal) {
      let done = 0;
      for (const span of spansOf(startBytes, lengthBytes)) {
        if (span.rangeOffsetBytes > done) yield new Uint8Array(span.rangeOffsetBytes - done);
        const [start, end] = [span.fileOffsetBytes, span.fileOffsetBytes + span.lengthBytes];
        yield* exactly(await http(webSeedUrl(url, metainfo, span.file), { start, end, signal }), span.lengthBytes, url);
        done = span.rangeOffsetBytes + span.lengthBytes;
      }
      if (done < lengthBytes) yield new Uint8Array(lengthBytes - done);
    },
  };
}

/** Short or long in one file would shift all that follows. */
async function* exactly(body: AsyncIterable<Uint8Array>, bytes: number, url: string): AsyncIterable<Uint8Array> {
  let left = bytes;
  for await (const chunk of body) {
    left -= chunk.length;
    if (left < 0) break;
    yield chunk;
  }
  if (left !== 0)
    throw new EverseedError("web-seed-length", `Cannot use ${url}: expected ${bytes} bytes, received ${bytes - left}`);
}
