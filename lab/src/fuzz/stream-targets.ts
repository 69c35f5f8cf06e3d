/**
 * Message stream encryption, both sides, cut at random: the bytes of a whole handshake, and what lies beneath its cipher,
 * sealed with the right keys, which noise would never reach. The other side of each exchange is made by hand with keys that
 * are always the same, so that a recorded handshake is valid.
 */
import { concat, equalBytes, ProtocolError, seededRandom, toHex } from "@everseed/core";
import {
  createCiphers,
  createKeyPair,
  type HandshakeSide,
  Initiator,
  type KeyExchange,
  type KeyPair,
  maskTorrentHash,
  Receiver,
  type Secured,
  sharedSecret,
  syncHash,
  torrentHash,
} from "@everseed/engine";
import { type FuzzTarget, sample } from "./target.ts";

const SKEY = sample(20, 3);
const FIRST = new Uint8Array(Buffer.from("\u0013BitTorrent protocol and what follows"));
const KEY_BYTES = 96;
/** Those of whom a side talks to. */
const PEER = createKeyPair(seededRandom(9));
/** More cannot be under way: a key, the longest pad, the longest first payload and its head, and a chunk. */
const MAX_HELD_BYTES = 1 << 15;
const MAX_SECRETS = 64;
const CHUNKS = [() => 1, (size: number) => 1 + ((size * 7 + 3) % 61), () => 700] as const;

/** The real exchange, each power raised once: it is the decoder that is tried, and powers take a hundred times as long. */
function remembering(): KeyExchange {
  let own: KeyPair | undefined;
  const secrets = new Map<string, Uint8Array | undefined>();
  return {
    createKeyPair: (random) => {
      own ??= createKeyPair(random);
      return own;
    },
    sharedSecret: (privateKey, theirs) => {
      const key = toHex(theirs);
      if (!secrets.has(key)) {
        if (secrets.size === MAX_SECRETS) secrets.clear();
        secrets.set(key, sharedSecret(privateKey, theirs));
      }
      return secrets.get(key);
    },
  };
}
const INITIATING = remembering();
const RECEIVING = remembering();

const initiator = (): Initiator =>
  new Initiator({
    random: seededRandom(3),
    skey: SKEY,
    offer: 3,
    firstPayload: FIRST.slice(),
    exchange: INITIATING,
  });

const receiver = (select: number): Receiver =>
  new Receiver({
    random: seededRandom(4),
    exchange: RECEIVING,
    findTorrent: (hash) => (equalBytes(hash, torrentHash(SKEY)) ? SKEY : undefined),
    select: (offered) => ((offered & select) === 0 ? undefined : select),
  });

const HELLO = initiator().hello;
const RECEIVER_KEY = (receiver(1).receive(PEER.publicKey.slice()).send as Uint8Array).slice(0, KEY_BYTES);
const atReceiver = sharedSecret(PEER.privateKey, RECEIVER_KEY) as Uint8Array;
const atInitiator = sharedSecret(PEER.privateKey, HELLO.slice(0, KEY_BYTES)) as Uint8Array;

interface Outcome {
  readonly secured?: Secured;
  readonly error?: ProtocolError;
  /** What came beneath the cipher until the bytes ended, in hexadecimal. */
  readonly payload: string;
}

/** Feeds the side its bytes, cut where `next` says; chunks are only lent, and are overwritten behind it. */
function feed(side: HandshakeSide, bytes: Uint8Array, next: (size: number) => number): Outcome {
  let secured: Secured | undefined;
  let sent = 0;
  const payload: Uint8Array[] = [];
  try {
    for (let at = 0, size = next(0); at < bytes.length; at += size, size = next(size)) {
      const chunk = bytes.slice(at, at + size);
      if (secured !== undefined) {
        payload.push(secured.ciphers === undefined ? chunk : secured.ciphers.receive.apply(chunk));
        continue;
      }
      const progress = side.receive(chunk);
      sent += progress.send?.length ?? 0;
      secured = progress.secured;
      if (secured !== undefined) payload.push(secured.payload.slice());
      chunk.fill(0xee);
      if (secured === undefined && at > MAX_HELD_BYTES) throw new Error("a handshake that waits for ever more");
    }
  } catch (error) {
    if (error instanceof ProtocolError) return { error, payload: "" };
    throw error;
  }
  // A key, a pad and an answer: whoever sends noise gets no more out of us.
  if (sent > 2_048) throw new Error(`a handshake of ${sent} bytes`);
  return { ...(secured === undefined ? {} : { secured }), payload: toHex(concat(...payload)) };
}

/** However the bytes are cut, the same comes of them. Throws what refuses them. */
function check(make: () => HandshakeSide, bytes: Uint8Array): void {
  const next = CHUNKS[(bytes[bytes.length - 1] ?? 0) % CHUNKS.length] as (size: number) => number;
  const [whole, cut] = [feed(make(), bytes, () => Math.max(1, bytes.length)), feed(make(), bytes, next)];
  if (whole.error !== undefined) {
    // What is refused for its beginning may be so before the end has come, or be over when the fault comes.
    if (cut.error === undefined && cut.secured === undefined) throw new Error("refused in one piece alone");
    throw whole.error;
  }
  if (cut.error !== undefined) throw new Error("refused for its chunks", { cause: cut.error });
  if (whole.payload !== cut.payload || (whole.secured === undefined) !== (cut.secured === undefined))
    throw new Error("a handshake that arrives in other chunks comes to something else");
}

const VC = new Uint8Array(8);
const number16 = (n: number): number[] => [n >> 8, n & 0xff];
/** What an initiator seals: provide, pad, first payload; and what a receiver does: select, pad, and what follows. */
const requestOf = (methods: number, pad: number, first: Uint8Array): Uint8Array =>
  Uint8Array.from([
    ...VC,
    ...[0, 0, 0, methods],
    ...number16(pad),
    ...new Uint8Array(pad),
    ...number16(first.length),
    ...first,
  ]);
const answerOf = (method: number, pad: number): Uint8Array =>
  Uint8Array.from([...VC, ...[0, 0, 0, method], ...number16(pad), ...new Uint8Array(pad)]);

const requestStream = (plain: Uint8Array): Uint8Array =>
  concat(
    PEER.publicKey,
    sample(plain.length % 300),
    syncHash(atReceiver),
    maskTorrentHash(torrentHash(SKEY), atReceiver),
    createCiphers(atReceiver, SKEY).forth.apply(plain),
  );
const answerStream = (plain: Uint8Array): Uint8Array =>
  concat(PEER.publicKey, sample(plain.length % 300), createCiphers(atInitiator, SKEY).back.apply(plain));

const REQUESTS = (): Uint8Array[] => [requestOf(3, 0, FIRST), requestOf(2, 100, FIRST), requestOf(3, 512, VC)];
const ANSWERS = (): Uint8Array[] => [answerOf(1, 0), answerOf(2, 512), concat(answerOf(2, 7), FIRST)];

export const STREAM_TARGETS: readonly FuzzTarget[] = [
  {
    name: "mse-receiver",
    corpus: () => REQUESTS().map(requestStream),
    refused: () => [FIRST, HELLO],
    run: (input) => check(() => receiver(2), input),
  },
  {
    name: "mse-initiator",
    corpus: () => ANSWERS().map(answerStream),
    refused: () => [FIRST],
    run: (input) => check(initiator, input),
  },
  {
    name: "mse-request",
    corpus: REQUESTS,
    run: (input) => {
      const plainOnly = (input[0] ?? 0) === 0 && (input[11] ?? 0) & 1;
      check(() => receiver(plainOnly ? 1 : 2), requestStream(input));
    },
  },
  { name: "mse-answer", corpus: ANSWERS, run: (input) => check(initiator, answerStream(input)) },
];
