/**
 * The handshake of Message Stream Encryption (Vuze's specification), both sides as state machines: bytes in, bytes to
 * send out. Pure but for the random numbers that are handed in.
 *
 *     A -> B: Ya, PadA
 *     B -> A: Yb, PadB
 *     A -> B: HASH('req1', S), HASH('req2', SKEY) xor HASH('req3', S), E(VC, crypto_provide, PadC, IA)
 *     B -> A: E(VC, crypto_select, PadD), and from here the stream, as selected
 *
 * Invariant: no side holds more than what its present step may be long and the chunk that came last. Pads are at most 512
 * bytes, each step is found within them or the handshake fails; IA, the initiator's first payload, is at most 16 KiB.
 * A side that fails has thrown `ProtocolError`, and must not be used again.
 */
import { ProtocolError, type RandomBytes, randomInt } from "@everseed/core";
import { Intake } from "./intake.ts";
import {
  type Ciphers,
  createCiphers,
  createKeyPair,
  HASH_BYTES,
  KEY_BYTES,
  type KeyExchange,
  type KeyPair,
  maskTorrentHash,
  sharedSecret,
  syncHash,
  torrentHash,
} from "./key-exchange.ts";
import { PLAINTEXT, RC4 } from "./policy.ts";
import type { Rc4 } from "./rc4.ts";

const MAX_PAD_BYTES = 512;
const MAX_FIRST_PAYLOAD_BYTES = 1 << 14;
/** So many characters are no key. */
const TEXT_BYTES = 20;
/** VC, the verification constant: zeros that show that both sides have the keys. */
const VC_BYTES = 8;
/** VC, crypto_provide or crypto_select, and the length of the pad. */
const HEAD_BYTES = VC_BYTES + 4 + 2;
const EXCHANGE: KeyExchange = { createKeyPair, sharedSecret };
const PLAIN_HANDSHAKE = Uint8Array.from("\u0013BitTorrent protocol", (c) => c.charCodeAt(0));

/** What both sides have agreed. */
export interface Secured {
  /** The 20-byte name of the torrent. */
  readonly skey: Uint8Array;
  /** For payload; `undefined` when it is plain. */
  readonly ciphers: { readonly send: Rc4; readonly receive: Rc4 } | undefined;
  /** Payload that has come already, decrypted. */
  readonly payload: Uint8Array;
}

export interface Progress {
  readonly send?: Uint8Array;
  /** The handshake is over once `send` has left. */
  readonly secured?: Secured;
}

export interface HandshakeSide {
  /** Takes what came from the peer. Throws `ProtocolError` (`encryption-handshake`). */
  receive(chunk: Uint8Array): Progress;
}

export interface InitiatorInit {
  readonly random: RandomBytes;
  /** The torrent's 20-byte name. */
  readonly skey: Uint8Array;
  /** crypto_provide. */
  readonly offer: number;
  /** Leaves with the handshake, and saves its round trip: our first payload, at most 16 KiB. */
  readonly firstPayload: Uint8Array;
  readonly exchange?: KeyExchange;
}

/** Whether bytes that a peer sends first may yet become a plain BitTorrent handshake, are one, or are something else. */
export function isPlainHandshake(bytes: Uint8Array): boolean | undefined {
  const length = Math.min(bytes.length, PLAIN_HANDSHAKE.length);
  for (let i = 0; i < length; i++) if (bytes[i] !== PLAIN_HANDSHAKE[i]) return false;
  return length === PLAIN_HANDSHAKE.length ? true : undefined;
}

/** A printable character, tab, line feed or carriage return. */
function isText(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || byte === 9 || byte === 10 || byte === 13;
}

export class Initiator implements HandshakeSide {
  /** What to send before anything is received. */
  readonly hello: Uint8Array;
  readonly #init: InitiatorInit;
  readonly #keys: KeyPair;
  readonly #intake = new Intake();
  #ciphers: Ciphers | undefined;
  /** VC as the receiver encrypts it. */
  #mark: Uint8Array | undefined;
  #head: { readonly method: number; readonly padBytes: number } | undefined;

  constructor(init: InitiatorInit) {
    this.#init = init;
    this.#keys = (init.exchange ?? EXCHANGE).createKeyPair(init.random);
    this.hello = withPad(this.#keys.publicKey, init.random);
  }

  receive(chunk: Uint8Array): Progress {
    this.#intake.add(chunk);
    const send = this.#ciphers === undefined ? this.#onKey() : undefined;
    const secured = this.#ciphers === undefined ? undefined : this.#onAnswer(this.#ciphers);
    return { ...(send === undefined ? {} : { send }), ...(secured === undefined ? {} : { secured }) };
  }

  #onKey(): Uint8Array | undefined {
    // A peer that knows no encryption may greet first; waiting for it to say something else would take until the timeout.
    if (isPlainHandshake(this.#intake.peek(PLAIN_HANDSHAKE.length)) === true)
      throw refused("answer", "a public key", "a plain handshake");
    if (this.#intake.length < KEY_BYTES) return undefined;
    const theirs = this.#intake.take(KEY_BYTES);
    const { random, skey, offer, firstPayload } = this.#init;
    const secret = secretWith(this.#init.exchange ?? EXCHANGE, this.#keys, theirs);
    const ciphers = createCiphers(secret, skey);
    this.#ciphers = ciphers;
    this.#mark = ciphers.back.apply(new Uint8Array(VC_BYTES));
    const padBytes = randomInt(random, MAX_PAD_BYTES + 1);
    const message = new Uint8Array(2 * HASH_BYTES + HEAD_BYTES + padBytes + 2 + firstPayload.length);
    message.set(syncHash(secret));
    message.set(maskTorrentHash(torrentHash(skey), secret), HASH_BYTES);
    const sealed = message.subarray(2 * HASH_BYTES);
    writeHead(sealed, offer, padBytes);
    writeUint16(sealed, HEAD_BYTES + padBytes, firstPayload.length);
    sealed.set(firstPayload, HEAD_BYTES + padBytes + 2);
    ciphers.forth.apply(sealed);
    return message;
  }

  #onAnswer(ciphers: Ciphers): Secured | undefined {
    const intake = this.#intake;
    if (this.#mark !== undefined) {
      if (!synchronise(intake, this.#mark, "verification constant")) return undefined;
      this.#mark = undefined;
    }
    if (this.#head === undefined) {
      if (intake.length < HEAD_BYTES - VC_BYTES) return undefined;
      const head = ciphers.back.apply(intake.take(HEAD_BYTES - VC_BYTES));
      const method = readUint32(head, 0);
      if ((method !== PLAINTEXT && method !== RC4) || (method & this.#init.offer) === 0)
        throw refused("crypto_select", `one of ${this.#init.offer}`, `${method}`);
      this.#head = { method, padBytes: readPadBytes(head, 4) };
    }
    const { method, padBytes } = this.#head;
    if (intake.length < padBytes) return undefined;
    ciphers.back.apply(intake.take(padBytes));
    const payload = intake.take(intake.length);
    if (method === PLAINTEXT) return { skey: this.#init.skey, ciphers: undefined, payload };
    const { forth: send, back: receive } = ciphers;
    return { skey: this.#init.skey, ciphers: { send, receive }, payload: receive.apply(payload) };
  }
}

export interface ReceiverInit {
  readonly random: RandomBytes;
  /** The name of the torrent whose `torrentHash` this is, when we have it. */
  readonly findTorrent: (hash: Uint8Array) => Uint8Array | undefined;
  /** crypto_select for a crypto_provide; `undefined` refuses. */
  readonly select: (offered: number) => number | undefined;
  readonly exchange?: KeyExchange;
}

export class Receiver implements HandshakeSide {
  readonly #init: ReceiverInit;
  readonly #intake = new Intake();
  #secret: Uint8Array | undefined;
  /** HASH('req1', S) until it has been seen. */
  #mark: Uint8Array | undefined;
  #named: { readonly skey: Uint8Array; readonly ciphers: Ciphers } | undefined;
  #head: { readonly method: number; readonly padBytes: number } | undefined;
  #firstPayloadBytes: number | undefined;

  constructor(init: ReceiverInit) {
    this.#init = init;
  }

  receive(chunk: Uint8Array): Progress {
    this.#intake.add(chunk);
    const hello = this.#secret === undefined ? this.#onKey() : undefined;
    const secured = this.#secret === undefined ? undefined : this.#onRequest(this.#secret);
    if (secured === undefined) return hello === undefined ? {} : { send: hello };
    const answer = this.#answer();
    const { ciphers } = this.#named as { ciphers: Ciphers };
    const plain = (this.#head as { method: number }).method === PLAINTEXT;
    const skey = (this.#named as { skey: Uint8Array }).skey;
    const both = plain ? undefined : { send: ciphers.back, receive: ciphers.forth };
    return { send: join(hello, answer), secured: { skey, ciphers: both, payload: secured } };
  }

  #onKey(): Uint8Array | undefined {
    // No key begins like that, but for one in 200 million: a browser or a scanner need not wait for the timeout.
    const first = this.#intake.peek(TEXT_BYTES);
    if (first.length === TEXT_BYTES && first.every(isText)) throw refused("public key", "a number", "text");
    if (this.#intake.length < KEY_BYTES) return undefined;
    const exchange = this.#init.exchange ?? EXCHANGE;
    const keys = exchange.createKeyPair(this.#init.random);
    this.#secret = secretWith(exchange, keys, this.#intake.take(KEY_BYTES));
    this.#mark = syncHash(this.#secret);
    return withPad(keys.publicKey, this.#init.random);
  }

  /** Returns the payload that has come so far, when the initiator's part is complete. */
  #onRequest(secret: Uint8Array): Uint8Array | undefined {
    const intake = this.#intake;
    if (this.#mark !== undefined) {
      if (!synchronise(intake, this.#mark, "hash of the secret")) return undefined;
      this.#mark = undefined;
    }
    if (this.#named === undefined) {
      if (intake.length < HASH_BYTES) return undefined;
      const skey = this.#init.findTorrent(maskTorrentHash(intake.take(HASH_BYTES), secret));
      if (skey === undefined) throw refused("torrent", "one that we have", "another");
      this.#named = { skey, ciphers: createCiphers(secret, skey) };
    }
    const { forth } = this.#named.ciphers;
    if (this.#head === undefined) {
      if (intake.length < HEAD_BYTES) return undefined;
      const head = forth.apply(intake.take(HEAD_BYTES));
      if (head.subarray(0, VC_BYTES).some((byte) => byte !== 0))
        throw refused("verification constant", "zeros", "others");
      const offered = readUint32(head, VC_BYTES);
      const method = this.#init.select(offered);
      if (method === undefined) throw refused("crypto_provide", "a method that we accept", `${offered}`);
      this.#head = { method, padBytes: readPadBytes(head, VC_BYTES + 4) };
    }
    if (this.#firstPayloadBytes === undefined) {
      const { padBytes } = this.#head;
      if (intake.length < padBytes + 2) return undefined;
      const size = readUint16(forth.apply(intake.take(padBytes + 2)), padBytes);
      if (size > MAX_FIRST_PAYLOAD_BYTES)
        throw refused("initial payload", `at most ${MAX_FIRST_PAYLOAD_BYTES} bytes`, `${size}`);
      this.#firstPayloadBytes = size;
    }
    if (intake.length < this.#firstPayloadBytes) return undefined;
    // What follows the first payload is encrypted only if everything is.
    const payload = intake.take(intake.length);
    const plain = this.#head.method === PLAINTEXT;
    forth.apply(plain ? payload.subarray(0, this.#firstPayloadBytes) : payload);
    return payload;
  }

  #answer(): Uint8Array {
    const padBytes = randomInt(this.#init.random, MAX_PAD_BYTES + 1);
    const answer = new Uint8Array(HEAD_BYTES + padBytes);
    writeHead(answer, (this.#head as { method: number }).method, padBytes);
    return (this.#named as { ciphers: Ciphers }).ciphers.back.apply(answer);
  }
}

function secretWith(exchange: KeyExchange, keys: KeyPair, theirs: Uint8Array): Uint8Array {
  const secret = exchange.sharedSecret(keys.privateKey, theirs);
  if (secret === undefined) throw refused("public key", "a number that hides something", "a trivial one");
  return secret;
}

/** Takes the pad and the mark behind it. False when more is needed; throws when it cannot come any more. */
function synchronise(intake: Intake, mark: Uint8Array, field: string): boolean {
  const limit = MAX_PAD_BYTES + mark.length;
  if (intake.skipPast(mark, limit)) return true;
  if (intake.length >= limit) throw refused(field, `it within ${limit} bytes`, "others");
  return false;
}

/** Random bytes behind the key, as many as chance says: neither the length nor the content of a hello shows what it is. */
function withPad(publicKey: Uint8Array, random: RandomBytes): Uint8Array {
  const pad = random(randomInt(random, MAX_PAD_BYTES + 1));
  return join(publicKey, pad);
}

function join(first: Uint8Array | undefined, second: Uint8Array): Uint8Array {
  if (first === undefined) return second;
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}

/** VC and pad stay zero, as the specification asks of the pads that later versions may fill. */
function writeHead(target: Uint8Array, method: number, padBytes: number): void {
  target[VC_BYTES + 3] = method;
  writeUint16(target, VC_BYTES + 4, padBytes);
}

function writeUint16(target: Uint8Array, at: number, value: number): void {
  target[at] = value >> 8;
  target[at + 1] = value;
}

function readUint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

function readUint32(bytes: Uint8Array, at: number): number {
  return ((readUint16(bytes, at) << 16) | readUint16(bytes, at + 2)) >>> 0;
}

function readPadBytes(head: Uint8Array, at: number): number {
  const size = readUint16(head, at);
  if (size > MAX_PAD_BYTES) throw refused("pad", `at most ${MAX_PAD_BYTES} bytes`, `${size}`);
  return size;
}

function refused(field: string, expected: string, received: string): ProtocolError {
  return new ProtocolError("encryption-handshake", field, expected, received);
}
