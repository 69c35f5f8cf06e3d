/** What a torrent is made of and what it tells: its settings, events and counters. */
import type { Choker } from "@everseed/choking";
import type { Clock, EverseedError, ProtocolError, RandomBytes } from "@everseed/core";
import type { Metainfo } from "@everseed/metainfo";
import type { ConnectionEncryption } from "../encryption/policy.ts";
import type { PeerExtension } from "../extension.ts";
import type { Hasher } from "../hasher.ts";
import type { TokenBucket } from "../limits/token-bucket.ts";
import type { UploadShare } from "../limits/upload-share.ts";
import type { Peer } from "../peer/peer.ts";
import type { StorageFactory } from "../storage.ts";
import type { PeerAddress } from "../swarm/peer-book.ts";
import type { Torrent } from "./torrent.ts";

/**
 * `finished`: everything wanted is there, but not everything (BEP 21's partial seed). `paused`: by its owner or, with an
 * error, because the disk refused; it goes on with `resume`. `queued`:
 * it waits for its turn. `failed` and `stopped` are final.
 */
export type TorrentState =
  | "metadata"
  | "checking"
  | "downloading"
  | "finished"
  | "seeding"
  | "paused"
  | "queued"
  | "stopped"
  | "failed";

export interface TorrentStats {
  readonly state: TorrentState;
  /** Why it is paused or failed, when it did not happen by choice. */
  readonly error?: EverseedError;
  readonly totalBytes: number;
  readonly haveBytes: number;
  readonly pieceCount: number;
  readonly havePieces: number;
  readonly downloadedBytes: number;
  readonly uploadedBytes: number;
  readonly corruptBytes: number;
  readonly wastedBytes: number;
  readonly downloadBytesPerSecond: number;
  readonly uploadBytesPerSecond: number;
  readonly peers: readonly PeerStats[];
}

export interface PeerStats {
  readonly remote: string;
  readonly client: string;
  readonly downloadedBytes: number;
  readonly uploadedBytes: number;
  readonly verifiedBytes: number;
  readonly wastedBytes: number;
  readonly downloadBytesPerSecond: number;
  readonly uploadBytesPerSecond: number;
  readonly progress: number;
  readonly amChoking: boolean;
  readonly peerChoking: boolean;
  readonly paying: boolean;
  readonly snubbed: boolean;
  readonly encryption: ConnectionEncryption;
}

/** What a torrent tells its owner. */
export type TorrentEvent =
  | { readonly type: "metadata"; readonly metainfo: Metainfo }
  | { readonly type: "checked"; readonly havePieces: number }
  | { readonly type: "piece"; readonly index: number }
  /** Everything that is wanted has come and been verified; `complete` follows when it is durable. */
  | { readonly type: "verified" }
  /** Everything that is wanted is there and durable; again when more was wanted in between. */
  | { readonly type: "complete" }
  | { readonly type: "paused"; readonly error?: EverseedError }
  | { readonly type: "resumed" }
  | { readonly type: "queued" }
  /** A peer told of others (BEP 11). */
  | { readonly type: "peers-found"; readonly source: "pex"; readonly peers: readonly PeerAddress[] }
  /** `relay` would have us dial the peer at once (BEP 55). */
  | { readonly type: "introduced"; readonly peer: PeerAddress; readonly relay: string }
  | { readonly type: "peer-connected"; readonly remote: string }
  /** `full`: it had everything. `seed`: it had, or we do and it wanted nothing. */
  | {
      readonly type: "peer-closed";
      readonly remote: string;
      readonly seed: boolean;
      readonly full: boolean;
      readonly reason: Error | undefined;
    }
  | { readonly type: "fault"; readonly remote: string; readonly error: ProtocolError }
  | { readonly type: "failed"; readonly error: EverseedError };

/** How peers tell each other of the DHT (BEP 5's `port` message). */
export interface DhtContact {
  /** Our UDP port. */
  readonly port: () => number;
  /** A peer says that it takes part. */
  readonly onNode: (node: PeerAddress) => void;
}

export interface TorrentSettings {
  readonly maxPeers: number;
  /** Free slots: peers unchoked by the plain rules at a time, the optimistic one included. */
  readonly uploadSlots: number;
  readonly sequential: boolean;
  /** See `AddTorrent.superSeeding`. */
  readonly superSeeding?: boolean;
  /** See `AddTorrent.priorities`. */
  readonly priorities?: (metainfo: Metainfo) => readonly number[];
}

export interface TorrentInit {
  /** 20 bytes each; the first names the torrent in our own handshakes. */
  readonly wireInfoHashes: readonly Uint8Array[];
  readonly metainfo?: Metainfo;
  readonly storage: StorageFactory;
  readonly settings: TorrentSettings;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly hasher: Hasher;
  readonly peerId: Uint8Array;
  readonly listenPort: () => number;
  readonly clientName: string;
  readonly choker: Choker;
  /** In place of the choker: told of peers that became interested. */
  readonly onInterested?: (torrent: Torrent, peer: Peer) => void;
  readonly extensions: readonly PeerExtension[];
  readonly dht?: DhtContact;
  /** Says that it can be introduced to peers behind NATs (BEP 55), and introduces others. */
  readonly holepunch: boolean;
  readonly downloadBuckets: readonly TokenBucket[];
  readonly uploadBuckets: readonly TokenBucket[];
  readonly uploadShare: UploadShare;
  /** Tells whether an assembled info dictionary is the one that was asked for. */
  readonly acceptsInfo: (info: { sha1: Uint8Array; sha256: Uint8Array }) => boolean;
  readonly onEvent: (event: TorrentEvent) => void;
}

export interface StartOptions {
  /** Progress of the check. Bytes. */
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
  /** From `resumeData` of an earlier run: files that did not change since are not read again. */
  readonly resume?: Uint8Array;
}
