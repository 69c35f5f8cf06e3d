/**
 * The `es_pay` extension (docs/spec/es_pay.md) on the engine's connections. Both sides prove their address first: a
 * signature over both peer ids, the infohash and both nonces. Then a seller offers and a buyer answers. A peer that does
 * not know the extension, or does not buy, is left to the plain rules.
 */
import {
  type ChannelDomain,
  decodePayMessage,
  EXTENSION_NAME,
  encodePayMessage,
  helloDigest,
  type Keccak,
  MAX_MESSAGE_BYTES,
  type PayMessage,
} from "@everseed/channel";
import {
  type Address,
  type Clock,
  type Curve,
  type EverseedError,
  ProtocolError,
  type RandomBytes,
  recoverAddress,
  type Signer,
} from "@everseed/core";
import { asBytes, asCount, asDict, type BencodeDict, dict } from "@everseed/metainfo";
import type { PeerExtension, PeerExtensionSession, PeerPort } from "../extension.ts";
import { Buyer, type BuyerStats, type BuyingTerms } from "./buyer.ts";
import type { ChannelBook } from "./channel-book.ts";
import type { ChannelChain } from "./ports.ts";
import { Seller, type SellerStats, type SellingTerms } from "./seller.ts";

const VERSION = 1;
const NONCE_BYTES = 32;
/** Messages that wait for one that is being checked against the disk or the chain. */
const MAX_WAITING = 4_096;

export interface PaymentInit {
  readonly domain: ChannelDomain;
  readonly signer: Signer;
  readonly curve: Curve;
  readonly keccak: Keccak;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly book: ChannelBook;
  readonly chain: ChannelChain;
  readonly selling?: SellingTerms;
  readonly buying?: BuyingTerms;
  readonly onEvent?: (event: PaymentEvent) => void;
}

export type PaymentEvent =
  | { readonly type: "authenticated"; readonly remote: string; readonly address: Address }
  | { readonly type: "declined"; readonly remote: string; readonly code: string }
  | { readonly type: "refused"; readonly remote: string; readonly error: ProtocolError }
  | { readonly type: "failed"; readonly remote: string; readonly error: EverseedError };

/** One counterparty of this torrent, past or present. */
export interface PaymentPeer {
  readonly address: Address;
  readonly remote: string;
  readonly connected: boolean;
  readonly bought?: BuyerStats;
  readonly sold?: SellerStats;
}

export interface PaymentExtension extends PeerExtension {
  peers(): PaymentPeer[];
}

export function createPaymentExtension(init: PaymentInit): PaymentExtension {
  const sessions: PaymentSession[] = [];
  return {
    name: EXTENSION_NAME,
    maxMessageBytes: MAX_MESSAGE_BYTES,
    connect(port) {
      const session = new PaymentSession(init, port);
      sessions.push(session);
      // Sessions that never proved an address leave nothing to show.
      if (sessions.length > 1_000) {
        const gone = sessions.findIndex((s) => s.idle);
        sessions.splice(Math.max(0, gone), 1);
      }
      return session;
    },
    peers: () => sessions.flatMap((session) => session.report() ?? []),
  };
}

class PaymentSession implements PeerExtensionSession {
  readonly #init: PaymentInit;
  readonly #port: PeerPort;
  readonly #nonce: Uint8Array;
  #theirNonce: Uint8Array | undefined;
  #theyBuy = false;
  #theySell = false;
  #address: Address | undefined;
  #seller: Seller | undefined;
  #buyer: Buyer | undefined;
  #busy = false;
  readonly #waiting: PayMessage[] = [];
  #closed = false;

  constructor(init: PaymentInit, port: PeerPort) {
    this.#init = init;
    this.#port = port;
    this.#nonce = init.random(NONCE_BYTES);
  }

  get idle(): boolean {
    return this.#closed && this.#address === undefined;
  }

  handshakeFields(): BencodeDict {
    const { buying, selling } = this.#init;
    return dict({ es: dict({ b: buying ? 1 : 0, n: this.#nonce, s: selling ? 1 : 0, v: VERSION }) });
  }

  onHandshake(fields: BencodeDict, supported: boolean): void {
    const es = asDict(fields.get("es"));
    const nonce = asBytes(es?.get("n"));
    if (!supported || nonce?.length !== NONCE_BYTES || asCount(es?.get("v")) !== VERSION) return;
    this.#theirNonce = nonce.slice();
    this.#theyBuy = asCount(es?.get("b")) === 1;
    this.#theySell = asCount(es?.get("s")) === 1;
    // Until the buyer has shown a voucher nothing is given away; the engine holds its requests.
    if (this.#sells) this.#port.setServeAllowance(0);
    if (this.#buys) this.#port.setRequestAllowance(0, 0);
    if (this.#sells || this.#buys) this.#send({ type: "auth", signature: this.#init.signer.sign(this.#digest(true)) });
  }

  get #sells(): boolean {
    return this.#theyBuy && this.#init.selling !== undefined;
  }

  get #buys(): boolean {
    return this.#theySell && this.#init.buying !== undefined;
  }

  #digest(ours: boolean): Uint8Array {
    const mine = [this.#port.localPeerId, this.#nonce] as const;
    const theirs = [this.#port.remotePeerId, this.#theirNonce as Uint8Array] as const;
    const [sender, receiver] = ours ? [mine, theirs] : [theirs, mine];
    return helloDigest(
      {
        wireInfoHash: this.#port.wireInfoHash,
        senderPeerId: sender[0],
        receiverPeerId: receiver[0],
        senderNonce: sender[1],
        receiverNonce: receiver[1],
      },
      this.#init.domain,
    );
  }

  #send(message: PayMessage): void {
    if (!this.#closed) this.#port.send(encodePayMessage(message));
  }

  onMessage(payload: Uint8Array): void {
    const message = decodePayMessage(payload);
    if (this.#busy) {
      if (this.#waiting.length >= MAX_WAITING)
        throw new ProtocolError("pay-flood", "es_pay messages", `at most ${MAX_WAITING} at a time`, "more");
      this.#waiting.push(message);
      return;
    }
    this.#handle(message);
  }

  #handle(message: PayMessage): void {
    if (message.type === "auth") return this.#onAuth(message.signature);
    if (this.#address === undefined) throw new ProtocolError("pay-order", "es_pay message", "auth first", message.type);
    switch (message.type) {
      case "offer":
        return this.#onOffer(message);
      case "voucher":
        if (this.#seller !== undefined) this.#wait(this.#seller.onVoucher(message));
        return;
      case "tick":
        return this.#seller?.onTick(message);
      case "accepted":
        return this.#buyer?.onAccepted(message.root);
      case "stop":
        return this.#buyer?.onStop();
    }
  }

  #onAuth(signature: Uint8Array): void {
    if (this.#theirNonce === undefined || this.#address !== undefined)
      throw new ProtocolError("pay-order", "auth", "one auth after the handshake", "another");
    const address = recoverAddress(this.#digest(false), signature, this.#init.curve);
    if (address === undefined)
      throw new ProtocolError("auth-signature", "auth", "a signature over this connection", "none");
    this.#address = address;
    this.#init.onEvent?.({ type: "authenticated", remote: this.#port.remote, address });
    if (!this.#sells || this.#init.selling === undefined) return;
    this.#seller = new Seller(
      {
        ...this.#shared(),
        terms: this.#init.selling,
        self: this.#init.signer.address,
        curve: this.#init.curve,
        onRefused: (error) => this.#init.onEvent?.({ type: "refused", remote: this.#port.remote, error }),
      },
      address,
    );
  }

  #shared() {
    const { domain, book, chain, keccak, clock } = this.#init;
    return { port: this.#port, domain, book, chain, keccak, clock, send: (message: PayMessage) => this.#send(message) };
  }

  #onOffer({ offer, copies }: Extract<PayMessage, { type: "offer" }>): void {
    const { buying, signer, random } = this.#init;
    if (!this.#buys || buying === undefined || this.#address === undefined || this.#buyer !== undefined) return;
    const onError = (error: EverseedError): void =>
      this.#init.onEvent?.({ type: "failed", remote: this.#port.remote, error });
    const buyer = new Buyer({ ...this.#shared(), terms: buying, signer, random, onError }, this.#address, offer);
    const declined = buyer.declines();
    if (declined !== undefined) {
      this.#send({ type: "stop", code: declined });
      this.#init.onEvent?.({ type: "declined", remote: this.#port.remote, code: declined });
      return;
    }
    this.#buyer = buyer;
    this.#wait(buyer.start(copies));
  }

  /** Messages that come while one is being checked wait their turn. */
  #wait(task: Promise<void>): void {
    this.#busy = true;
    task.then(
      () => this.#resume(),
      (error: unknown) => {
        this.#waiting.length = 0;
        if (error instanceof ProtocolError) {
          this.#init.onEvent?.({ type: "refused", remote: this.#port.remote, error });
          this.#send({ type: "stop", code: error.code });
          this.#port.drop(error);
        } else {
          this.#init.onEvent?.({ type: "failed", remote: this.#port.remote, error: error as EverseedError });
        }
        this.#busy = false;
      },
    );
  }

  #resume(): void {
    this.#busy = false;
    try {
      while (!this.#busy && !this.#closed) {
        const next = this.#waiting.shift();
        if (next === undefined) return;
        this.#handle(next);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#port.drop(error);
    }
  }

  onUploaded(totalBytes: number): void {
    this.#seller?.onUploaded(totalBytes);
  }

  onVerified(totalBytes: number): void {
    this.#buyer?.onVerified(totalBytes);
  }

  onCorrupt(_bytes: number): void {
    this.#buyer?.onStop();
  }

  onNothingWanted(): void {
    this.#buyer?.onNothingWanted();
  }

  onClosed(): void {
    this.#closed = true;
    this.#seller?.onClosed();
    this.#buyer?.onClosed();
  }

  report(): PaymentPeer | undefined {
    if (this.#address === undefined) return undefined;
    return {
      address: this.#address,
      remote: this.#port.remote,
      connected: !this.#closed,
      ...(this.#buyer === undefined ? {} : { bought: this.#buyer.stats }),
      ...(this.#seller === undefined ? {} : { sold: this.#seller.stats }),
    };
  }
}
