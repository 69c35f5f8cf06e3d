/** What the lab asks of a BitTorrent client, ours or another: to seed a torrent or to fetch it, as one process. */
export type TorrentKind = "v1" | "v2" | "hybrid";

export const TORRENT_KINDS: readonly TorrentKind[] = ["v1", "v2", "hybrid"];

/**
 * How two clients may talk: over TCP alone or uTP alone, in the open or with message stream encryption and nothing else; or over WebRTC
 * with whom the torrent's trackers name.
 */
export type Link = "plain" | "encrypted" | "utp" | "utp+encrypted" | "webrtc";

/** Those of the interop matrix. */
export const LINKS: readonly Link[] = ["plain", "encrypted", "utp", "utp+encrypted"];

export const isUtp = (link: Link | undefined): boolean => link === "utp" || link === "utp+encrypted";
export const isEncrypted = (link: Link | undefined): boolean => link === "encrypted" || link === "utp+encrypted";

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

export interface PeerJob {
  /** @default plain */
  readonly link?: Link;
  /** Path of a .torrent file, or a magnet link. */
  readonly torrent: string;
  /** Folder that holds the data (seeding) or receives it. */
  readonly folder: string;
  /** Folder for the client's own files. */
  readonly workFolder: string;
  readonly port: number;
  /** Peers to connect to, where the client can be told. */
  readonly peers: readonly HostPort[];
  /** Finds peers through the DHT, joined by this node, on 127.0.0.1 alone. @default no DHT */
  readonly dhtNode?: HostPort;
  /** Tells peers of each other (BEP 11), where the client can be told to. @default false */
  readonly pex?: boolean;
  /** Bytes a second that the client may send. @default no limit */
  readonly uploadLimit?: number;
  /** Bytes a second that the client may receive. @default no limit */
  readonly downloadLimit?: number;
  /** Serves on when it has everything (fetching): `done` says when that is. @default false */
  readonly staysToSeed?: boolean;
  /** For clients that must be told apart from the torrent. */
  readonly trackers: readonly string[];
}

export interface RunningPeer {
  readonly pid: number;
  /** Resolves when the client accepts connections with all data checked (seeding). Rejects when the process ends first. */
  readonly ready: Promise<void>;
  /** Resolves when the client says that it has everything, verified (fetching). Only ours makes it durable before it is `done`. */
  readonly verified: Promise<void>;
  /** Resolves when the client is done fetching: it says so, or ends. */
  readonly done: Promise<void>;
  /** What the process wrote, for a failure's explanation. */
  log(): string;
  stop(): Promise<void>;
}

export interface Client {
  readonly name: string;
  /** Why it cannot have such torrents, or talk over such links. What is not named it can. */
  readonly cannot: Readonly<Partial<Record<TorrentKind | Link, string>>>;
  /** How it is told where peers are. */
  readonly takesPeers: boolean;
  /** Transmission 3.00 makes no file for an entry of no bytes. */
  readonly leavesOutEmptyFiles?: boolean;
  /** A sentence when the client cannot run here, with the remedy. */
  missing(): string | undefined;
  seed(job: PeerJob): RunningPeer;
  get(job: PeerJob): RunningPeer;
}
