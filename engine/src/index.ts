export type { DatagramPort, DatagramReceiver } from "./datagrams.ts";
export { Dht, type DhtInit, type DhtStats } from "./dht/dht.ts";
export { Follower, type FollowerInit } from "./dht/follower.ts";
export {
  type DhtItem,
  immutableItem,
  isGenuine,
  isNewer,
  itemTarget,
  mutableItem,
  mutableTarget,
} from "./dht/items.ts";
export { type MutableItem, type PresentTorrent, type Publication, presentTorrent } from "./dht/mutable-torrents.ts";
export { type Published, Publisher, type PublisherInit } from "./dht/publisher.ts";
export { scrapeBids } from "./discovery/bid-scrape.ts";
export { decodeLocalAnnounce, encodeLocalAnnounce, LocalDiscovery } from "./discovery/local-discovery.ts";
export {
  createTrackerClient,
  type HttpGet,
  type TrackerBidding,
  type TrackerClient,
  type TrackerClientInit,
} from "./discovery/tracker-client.ts";
export type { OpenUdp, UdpSocket } from "./discovery/udp-announce.ts";
export * from "./discovery/websocket-tracker.ts";
export { type HandshakeSide, Initiator, Receiver, type Secured } from "./encryption/handshake.ts";
export * from "./encryption/key-exchange.ts";
export type { ConnectionEncryption, EncryptionPolicy } from "./encryption/policy.ts";
export * from "./engine.ts";
export * from "./extension.ts";
export * from "./hasher.ts";
export { wantedBid } from "./market/bidder.ts";
export * from "./market/market.ts";
export type { ReserveRule } from "./market/reserve-keeper.ts";
export type { BiddingTerms, MarketEvent, MarketInit, TorrentMarket } from "./market/types.ts";
export * from "./memory-storage.ts";
export * from "./payment/buyer.ts";
export * from "./payment/buyer-types.ts";
export * from "./payment/channel-book.ts";
export * from "./payment/closing-watch.ts";
export * from "./payment/memory-chain.ts";
export * from "./payment/memory-channel-store.ts";
export * from "./payment/payment-extension.ts";
export * from "./payment/ports.ts";
export * from "./payment/remembering-chain.ts";
export * from "./payment/seller.ts";
export * from "./payment/seller-types.ts";
export { FrameReader, type FrameSink } from "./peer/frame-reader.ts";
export { Bitfield } from "./piece/bitfield.ts";
export { DEFAULT_QUEUE, type QueueLimits } from "./queue.ts";
export * from "./storage.ts";
export type { StorageLayout } from "./storage-layout.ts";
export { AddressFilter } from "./swarm/address-filter.ts";
export type { PeerAddress } from "./swarm/peer-book.ts";
export { resumedNames } from "./torrent/resume.ts";
export type { Torrent } from "./torrent/torrent.ts";
export type { DhtContact, PeerStats, TorrentEvent, TorrentState, TorrentStats } from "./torrent/types.ts";
export type { TorrentQueue } from "./torrent-queue.ts";
export * from "./transport.ts";
export { createUtpTransport } from "./utp/utp-transport.ts";
export * from "./verify.ts";
export * from "./web-hasher.ts";
export { type HttpPiece, openHttpSeed } from "./web-seed/http-seed.ts";
export { type HttpRange, openWebSeed } from "./web-seed/web-seed.ts";
export * from "./webrtc/web-rtc.ts";
