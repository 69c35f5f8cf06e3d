/** A torrent's counters, added up from its peers: those that are there and those that left. */
import type { Metainfo } from "@everseed/metainfo";
import type { Peer } from "../peer/peer.ts";
import type { PeerStats, TorrentState, TorrentStats } from "./types.ts";

export interface TorrentTotals {
  readonly state: TorrentState;
  readonly metainfo: Metainfo | undefined;
  readonly haveBytes: number;
  readonly havePieces: number;
  /** All bytes ever sent. */
  readonly uploaded: number;
  /** Bytes from and about peers that left. */
  readonly downloaded: number;
  readonly corrupt: number;
  readonly wasted: number;
}

export function sampleRates(peers: Iterable<Peer>, now: number): void {
  for (const peer of peers) {
    peer.downloadRate.sample(peer.downloadedBytes, now);
    peer.uploadRate.sample(peer.uploadedBytes, now);
  }
}

export function torrentStats(peers: readonly Peer[], totals: TorrentTotals): TorrentStats {
  const sum = (of: (peer: Peer) => number): number => peers.reduce((total, peer) => total + of(peer), 0);
  return {
    state: totals.state,
    totalBytes: totals.metainfo?.totalBytes ?? 0,
    haveBytes: totals.haveBytes,
    pieceCount: totals.metainfo?.pieceCount ?? 0,
    havePieces: totals.havePieces,
    downloadedBytes: totals.downloaded + sum((p) => p.downloadedBytes),
    uploadedBytes: totals.uploaded,
    corruptBytes: totals.corrupt + sum((p) => p.corruptBytes),
    wastedBytes: totals.wasted + sum((p) => p.wastedBytes),
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
