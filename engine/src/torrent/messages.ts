/**
 * From a peer's message to the part of the torrent that it is for (BEP 3, 6, 10, 52), and what the torrent knows of the
 * peer's pieces and interest.
 */
import { ProtocolError } from "@everseed/core";
import { decodeExtendedHandshake, type Message, mergeExtendedHandshakes } from "@everseed/wire";
import type { Peer } from "../peer/peer.ts";
import { Bitfield } from "../piece/bitfield.ts";
import type { Content } from "./content.ts";
import { LT_DONTHAVE_ID, UT_METADATA_ID } from "./extensions.ts";
import type { HashExchange } from "./hash-exchange.ts";
import { UT_HOLEPUNCH_ID } from "./holepunch.ts";
import type { MetadataExchange } from "./metadata-exchange.ts";
import { type PeerExchange, UT_PEX_ID } from "./peer-exchange.ts";
import type { Slots } from "./slots.ts";
import type { DhtContact } from "./types.ts";

/** `have` messages that are kept until the metadata is there. */
const MAX_EARLY = 4096;

export interface MessagesInit {
  readonly content: () => Content | undefined;
  readonly slots: Slots;
  readonly metadata: MetadataExchange;
  readonly hashes: HashExchange;
  /** Undefined: the torrent is private, or that is not known yet. */
  readonly pex: () => PeerExchange | undefined;
  /** The DHT that this client takes part in; undefined: none, or the torrent is private. */
  readonly dht: () => DhtContact | undefined;
  readonly onFault: (peer: Peer, error: ProtocolError) => void;
}

export class Messages {
  readonly #init: MessagesInit;

  constructor(init: MessagesInit) {
    this.#init = init;
  }

  handle(peer: Peer, message: Message): void {
    const { slots, hashes } = this.#init;
    const content = this.#init.content();
    switch (message.type) {
      case "choke":
        peer.peerChoking = true;
        content?.picker.disown(peer.id);
        if (!peer.fast) content?.downloader.releaseAll(peer);
        return;
      case "unchoke":
        peer.peerChoking = false;
        return;
      case "interested":
        peer.peerInterested = true;
        return slots.interested(peer);
      case "notInterested":
        peer.peerInterested = false;
        return;
      case "have":
      case "bitfield":
      case "haveAll":
      case "haveNone":
        return this.#onHave(peer, message);
      case "request":
        return content?.uploader.request(peer, message);
      case "cancel":
        return content?.uploader.cancel(peer, message);
      case "reject":
        return content?.downloader.rejected(peer, message.piece, message.begin);
      case "hashRequest":
        return hashes.serve(peer, message);
      case "hashReject":
        return hashes.onReject(peer, message);
      case "hashes":
        return hashes.onHashes(peer, message);
      case "port":
        return this.#init.dht()?.onNode({ host: hostOf(peer), port: message.port });
      case "extended":
        return this.#onExtended(peer, message.id, message.payload);
      default:
        return;
    }
  }

  /** Piece count and our pieces are known: declare them, and read what the peer declared before. */
  becomeReady(peer: Peer, content: Content): void {
    const { have, picker } = content;
    peer.have ??= new Bitfield(have.length);
    picker.addPeer(peer.have);
    if (content.superSeeder?.greet(peer) !== true) {
      if (peer.fast && have.full) peer.send({ type: "haveAll" });
      else if (peer.fast && have.count === 0) peer.send({ type: "haveNone" });
      else if (have.count > 0) peer.send({ type: "bitfield", bits: have.bytes.slice() });
    }
    const dht = this.#init.dht();
    if (dht !== undefined && peer.handshake.extensions.dht) peer.send({ type: "port", port: dht.port() });
    for (const message of peer.early.splice(0)) this.handle(peer, message);
    this.updateInterest(peer);
  }

  updateInterest(peer: Peer): void {
    const want = peer.have !== undefined && this.#init.content()?.picker.interestedIn(peer.have) === true;
    this.#setInterest(peer, want);
  }

  #setInterest(peer: Peer, want: boolean): void {
    if (want === peer.amInterested) return;
    peer.amInterested = want;
    peer.send({ type: want ? "interested" : "notInterested" });
    if (!want) for (const { session } of peer.extensions.values()) session.onNothingWanted();
  }

  /** We want nothing more: a peer that stays, or cannot see it by our pieces, is told (BEP 21). */
  tellFinished(peer: Peer, seeding: boolean): void {
    if ((isHeld(peer) || !seeding) && peer.remoteExtended !== undefined)
      peer.sendExtendedHandshake({ messages: new Map(), uploadOnly: true, extra: new Map() });
    this.partIfUseless(peer);
  }

  /** Two that want nothing of each other part (BEP 21). */
  partIfUseless(peer: Peer): void {
    const content = this.#init.content();
    if (content?.finished !== true) return;
    if (peer.have?.full !== true && peer.remoteExtended?.uploadOnly !== true) return;
    if (!isHeld(peer)) peer.close();
  }

  #onHave(peer: Peer, message: Message): void {
    const content = this.#init.content();
    if (content === undefined) {
      // What names all pieces stands for whatever came before; kept each, half a megabyte a time would add up.
      if (message.type !== "have") peer.early.length = 0;
      if (peer.early.length < MAX_EARLY)
        peer.early.push(message.type === "bitfield" ? { ...message, bits: message.bits.slice() } : message);
      return;
    }
    const { picker, have: mine } = content;
    const field = peer.have as Bitfield;
    if (message.type === "have") {
      if (message.piece >= mine.length)
        return this.#fault(peer, "have", `a piece below ${mine.length}`, `${message.piece}`);
      if (field.add(message.piece)) picker.addHave(field, message.piece);
      if (!peer.amInterested && picker.wants(message.piece)) this.#setInterest(peer, true);
      content.superSeeder?.heard(peer, field, message.piece);
      if (field.full) this.partIfUseless(peer);
      return;
    }
    const next = message.type === "bitfield" ? Bitfield.from(message.bits, mine.length) : new Bitfield(mine.length);
    if (next === undefined)
      return this.#fault(peer, "bitfield", `${mine.bytes.length} bytes with zero spare bits`, "another form");
    if (message.type === "haveAll") next.fill();
    picker.removePeer(field);
    peer.have = next;
    picker.addPeer(next);
    content.superSeeder?.heard(peer, next);
    this.updateInterest(peer);
    this.partIfUseless(peer);
  }

  #onDontHave(peer: Peer, payload: Uint8Array): void {
    const field = peer.have;
    const picker = this.#init.content()?.picker;
    if (field === undefined || picker === undefined) return;
    const piece = payload.length === 4 ? new DataView(payload.buffer, payload.byteOffset).getUint32(0) : field.length;
    if (piece >= field.length)
      return this.#fault(peer, "lt_donthave", `a piece below ${field.length}`, `${payload.length} bytes`);
    if (!field.has(piece)) return;
    picker.removeHave(field, piece);
    field.remove(piece);
    this.updateInterest(peer);
  }

  #onExtended(peer: Peer, id: number, payload: Uint8Array): void {
    const { metadata } = this.#init;
    if (id === 0) {
      const handshake = decodeExtendedHandshake(payload);
      const before = peer.remoteExtended;
      peer.remoteExtended = before === undefined ? handshake : mergeExtendedHandshakes(before, handshake);
      if (before === undefined) {
        for (const { name, session } of peer.extensions.values()) {
          session.onHandshake(handshake.extra, (handshake.messages.get(name) ?? 0) > 0);
        }
      }
      metadata.ask(peer);
      return this.partIfUseless(peer);
    }
    if (id === UT_METADATA_ID) return metadata.onMessage(peer, payload);
    if (id === UT_PEX_ID) return this.#init.pex()?.onMessage(peer, payload);
    if (id === UT_HOLEPUNCH_ID) return this.#init.pex()?.holepunch.onMessage(peer, payload);
    if (id === LT_DONTHAVE_ID) return this.#onDontHave(peer, payload);
    const extension = peer.extensions.get(id);
    if (extension === undefined) return;
    if (payload.length > extension.maxMessageBytes)
      return this.#fault(peer, extension.name, `at most ${extension.maxMessageBytes} bytes`, `${payload.length}`);
    extension.session.onMessage(payload);
  }

  #fault(peer: Peer, field: string, expected: string, received: string): void {
    this.#init.onFault(peer, new ProtocolError(`${field}-invalid`, field, expected, received));
  }
}

/** The connection has a purpose of its own. */
function isHeld(peer: Peer): boolean {
  return [...peer.extensions.values()].some(({ session }) => session.holds === true);
}

/** It may have been a seed that hung up before it said so. A peer without the metadata comes back for the data. */
export function wantedNothing(peer: Peer): boolean {
  const asksMetadata = peer.remoteExtended !== undefined && peer.remoteExtended.metadataSize === undefined;
  return !peer.peerInterested && peer.uploadedBytes === 0 && !asksMetadata;
}

/** The address alone, as the DHT names it. */
function hostOf({ remote }: Peer): string {
  return remote.slice(0, remote.lastIndexOf(":")).replace(/^\[|\]$/g, "");
}
