/** Gives each extension its `PeerPort` on a new connection. Ids are ours to choose (BEP 10); the engine's own come first. */
import type { ProtocolError } from "@everseed/core";
import type { BencodeDict, BencodeValue, Metainfo } from "@everseed/metainfo";
import type { PeerData, PeerExtension, PeerPort } from "../extension.ts";
import { MAX_QUEUED_REQUESTS, type Peer } from "../peer/peer.ts";
import { UT_HOLEPUNCH_ID } from "./holepunch.ts";
import { UT_PEX_ID } from "./peer-exchange.ts";

export const UT_METADATA_ID = 1;
/** A peer takes back a `have`. Four bytes: the piece. */
export const LT_DONTHAVE_ID = 3;
const FIRST_EXTENSION_ID = 16;

interface ExtensionHost {
  readonly extensions: readonly PeerExtension[];
  readonly wireInfoHash: Uint8Array;
  readonly localPeerId: Uint8Array;
  readonly verifyUnitBytes: () => number;
  /** An allowance changed: something may be sent or asked for now. */
  readonly onAllowance: () => void;
  readonly onPaying: () => void;
  readonly onTakeBack: () => void;
  readonly data: () => PeerData | undefined;
  readonly onFault: (error: ProtocolError) => void;
}

export interface Greeting extends ExtensionHost {
  readonly clientName: string;
  readonly holepunch: boolean;
  readonly listenPort: number;
  readonly metainfo: Metainfo | undefined;
  /** We want nothing any more (BEP 21). */
  readonly finished: boolean;
}

/** Our extended handshake, with what the extensions add to it. */
export function greetPeer(peer: Peer, greeting: Greeting): void {
  const extra = openExtensions(peer, greeting);
  const { metainfo } = greeting;
  peer.sendExtendedHandshake({
    // A magnet link does not say whether its torrent is private (BEP 27): what is heard before that is known is dropped.
    messages: messageIds(greeting, metainfo?.private !== true),
    client: greeting.clientName,
    port: greeting.listenPort,
    requestQueue: MAX_QUEUED_REQUESTS,
    ...(metainfo === undefined ? {} : { metadataSize: metainfo.infoBytes.length }),
    ...(greeting.finished ? { uploadOnly: true } : {}),
    extra,
  });
}

/** What our extended handshake names: every message that we read, and its id. */
function messageIds({ extensions, holepunch }: Greeting, exchangePeers: boolean): Map<string, number> {
  return new Map([
    ["ut_metadata", UT_METADATA_ID],
    ...(exchangePeers ? ([["ut_pex", UT_PEX_ID]] as const) : []),
    ["lt_donthave", LT_DONTHAVE_ID],
    ...(exchangePeers && holepunch ? ([["ut_holepunch", UT_HOLEPUNCH_ID]] as const) : []),
    ...extensions.map(({ name }, i) => [name, FIRST_EXTENSION_ID + i] as const),
  ]);
}

/** Connects all extensions to the peer; returns what they add to our extended handshake. */
function openExtensions(peer: Peer, host: ExtensionHost): BencodeDict {
  const fields = new Map<string, BencodeValue>();
  host.extensions.forEach((extension, i) => {
    const session = extension.connect(createPort(peer, extension.name, host));
    peer.extensions.set(FIRST_EXTENSION_ID + i, {
      name: extension.name,
      maxMessageBytes: extension.maxMessageBytes,
      session,
    });
    for (const [key, value] of session.handshakeFields()) fields.set(key, value);
  });
  return fields;
}

function createPort(peer: Peer, name: string, host: ExtensionHost): PeerPort {
  return {
    connection: peer,
    remote: peer.remote,
    wireInfoHash: host.wireInfoHash,
    localPeerId: host.localPeerId,
    remotePeerId: peer.remotePeerId,
    get verifyUnitBytes() {
      return host.verifyUnitBytes();
    },
    get requestedBytes() {
      return peer.downloadedBytes + peer.outstandingBytes - peer.wastedBytes - peer.corruptBytes;
    },
    get outstandingBytes() {
      return peer.outstandingBytes;
    },
    get chargedBytes() {
      return peer.receivedChargedBytes;
    },
    get receivedBytes() {
      return peer.downloadedBytes - peer.wastedBytes - peer.corruptBytes;
    },
    get wanted() {
      return peer.amInterested;
    },
    get complete() {
      return peer.have?.full === true || peer.remoteExtended?.uploadOnly === true;
    },
    get data() {
      return host.data();
    },
    send(payload) {
      const id = peer.remoteExtended?.messages.get(name);
      if (id) peer.send({ type: "extended", id, payload });
    },
    setServeAllowance(bytes) {
      peer.serveAllowance = bytes;
      // Left to the plain rules, the free slots included.
      if (bytes === undefined) peer.barred = false;
      host.onAllowance();
    },
    setRequestAllowance(bytes, creditBytes) {
      peer.requestAllowance = bytes;
      peer.creditBytes = creditBytes;
      host.onAllowance();
    },
    setCharged(charged) {
      peer.charged = charged;
    },
    takeBackRequests: host.onTakeBack,
    setPaying(paying) {
      if (peer.paying === paying) return;
      peer.paying = paying;
      // A peer that agreed to pay and stopped has no claim to the free slots either.
      peer.barred = !paying;
      host.onPaying();
    },
    drop: host.onFault,
  };
}

/** The largest message a peer may send: a bitfield, a few hashes, or the longest of an extension. */
export function maxMessageSize(metainfo: Metainfo | undefined, extensions: readonly PeerExtension[]): number {
  // Until the metadata is there a bitfield's size is unknown: 4M pieces need 512 KiB.
  const pieceCount = metainfo?.pieceCount ?? 1 << 22;
  const largest = Math.max(0, ...extensions.map((extension) => extension.maxMessageBytes));
  return Math.max(1 << 19, largest + 64, Math.ceil(pieceCount / 8) + 1);
}
