/** A torrent's counters, added up from its peers: those that are there and those that left. */
import type { EverseedError } from "@everseed/core";
import type { Metainfo } from "@everseed/metainfo";
import type { Peer } from "../peer/peer.ts";
import type { PeerStats, TorrentState, TorrentStats } from "./types.ts";

interface TorrentTotals {
  readonly state: TorrentState;
  readonly error: EverseedError | undefined;
  readonly metainfo: Metainfo | undefined;
  readonly haveBytes: number;
  readonly havePieces: number;
}

/** What a torrent has moved: what it sent, and what came from peers that left and in earlier runs. Bytes. */
export class Counters {
  uploaded = 0;
  downloaded = 0;
  corrupt = 0;
  wasted = 0;

  left(peer: Peer): void {
    this.downloaded += peer.downloadedBytes;
    this.corrupt += peer.corruptBytes;
    this.wasted += peer.wastedBytes;
  }

  remember(earlier: { uploadedBytes: number; downloadedBytes: number }): void {
    this.uploaded += earlier.uploadedBytes;
    this.downloaded += earlier.downloadedBytes;
  }

  movedBytes(peers: Iterable<Peer>): number {
    let bytes = this.uploaded + this.downloaded;
    for (const peer of peers) bytes += peer.downloadedBytes;
    return bytes;
  }
}

export function sampleRates(peers: Iterable<Peer>, now: number): void {
  for (const peer of peers) {
    peer.downloadRate.sample(peer.downloadedBytes, now);
    peer.uploadRate.sample(peer.uploadedBytes, now);
  }
}

export function torrentStats(peers: readonly Peer[], counters: Counters, totals: TorrentTotals): TorrentStats {
  const sum = (of: (peer: Peer) => number): number => peers.reduce((total, peer) => total + of(peer), 0);
  return {
    state: totals.state,
    ...(totals.error === undefined ? {} : { error: totals.error }),
    totalBytes: totals.metainfo?.totalBytes ?? 0,
    haveBytes: totals.haveBytes,
    pieceCount: totals.metainfo?.pieceCount ?? 0,
    havePieces: totals.havePieces,
    downloadedBytes: counters.downloaded + sum((p) => p.downloadedBytes),
    uploadedBytes: counters.uploaded,
    corruptBytes: counters.corrupt + sum((p) => p.corruptBytes),
    wastedBytes: counters.wasted + sum((p) => p.wastedBytes),
    downloadBytesPerSecond: sum((p) => p.downloadRate.bytesPerSecond),
    uploadBytesPerSecond: sum((p) => p.uploadRate.bytesPerSecond),
    peers: peers.map(peerStats),
  };
}

function peerStats(peer: Peer): PeerStats {
  return {
    remote: peer.remote,
    client: peer.remoteExtended?.client ?? "",
    downloadedBytes: peer.downloadedBytes,
    uploadedBytes: peer.uploadedBytes,
    verifiedBytes: peer.verifiedBytes,
    wastedBytes: peer.wastedBytes,
    downloadBytesPerSecond: peer.downloadRate.bytesPerSecond,
    uploadBytesPerSecond: peer.uploadRate.bytesPerSecond,
    progress: peer.have === undefined || peer.have.length === 0 ? 0 : peer.have.count / peer.have.length,
    amChoking: peer.amChoking,
    peerChoking: peer.peerChoking,
    paying: peer.paying,
    snubbed: peer.snubbed,
    encryption: peer.encryption,
  };
}
