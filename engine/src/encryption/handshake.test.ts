import { concat, equalBytes, ProtocolError, seededRandom, toHex, utf8 } from "@everseed/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type HandshakeSide, Initiator, isPlainHandshake, Receiver, type Secured } from "./handshake.ts";
import { createCiphers, createKeyPair, maskTorrentHash, sharedSecret, syncHash, torrentHash } from "./key-exchange.ts";
import {
  acceptsEncrypted,
  acceptsPlain,
  dialOrder,
  type EncryptionPolicy,
  offeredMethods,
  selectMethod,
} from "./policy.ts";

const SKEY = seededRandom(1)(20);
const OTHER = seededRandom(2)(20);
const FIRST = utf8("\u0013BitTorrent protocol and what follows");

function initiator(options: { seed?: number; skey?: Uint8Array; offer?: number; firstPayload?: Uint8Array } = {}) {
  const { seed = 3, skey = SKEY, offer = 3, firstPayload = FIRST } = options;
  return new Initiator({ random: seededRandom(seed), skey, offer, firstPayload });
}

function receiver(options: { seed?: number; select?: (offered: number) => number | undefined } = {}) {
  const { seed = 4, select = (offered) => selectMethod("prefer", offered) } = options;
  const names = [OTHER, SKEY];
  return new Receiver({
    random: seededRandom(seed),
    findTorrent: (hash) => names.find((name) => equalBytes(torrentHash(name), hash)),
    select,
  });
}

/** Cuts the bytes into chunks of these sizes, over and over. Each is a copy: chunks are only lent. */
function* chunks(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] as number;
    yield bytes.slice(at, at + size);
    at += size;
  }
}

function feed(side: HandshakeSide, bytes: Uint8Array, sizes: readonly number[]) {
  const sent: Uint8Array[] = [];
  let secured: Secured | undefined;
  const late: Uint8Array[] = [];
  for (const chunk of chunks(bytes, sizes)) {
    if (secured !== undefined) {
      late.push(secured.ciphers === undefined ? chunk : secured.ciphers.receive.apply(chunk));
      continue;
    }
    const progress = side.receive(chunk);
    if (progress.send !== undefined) sent.push(progress.send);
    secured = progress.secured;
  }
  return { sent: concat(...sent), secured, received: concat(secured?.payload ?? new Uint8Array(), ...late) };
}

describe("both sides", () => {
  test("agree on torrent, method and stream, however the bytes are cut", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 5 });
    const method = fc.constantFrom(1, 2);
    fc.assert(
      fc.property(
        sizes,
        sizes,
        method,
        fc.nat(1000),
        fc.uint8Array({ maxLength: 300 }),
        (to, from, chosen, seed, later) => {
          const a = initiator({ seed });
          const b = receiver({ seed: seed + 5000, select: () => chosen });
          const hello = feed(b, a.hello, to);
          expect(hello.secured).toBeUndefined();
          const request = feed(a, hello.sent, from);
          expect(request.secured).toBeUndefined();
          const atB = feed(b, concat(request.sent), to);
          const secured = atB.secured as Secured;
          expect(secured.skey).toEqual(SKEY);
          expect(toHex(atB.received)).toBe(toHex(FIRST));
          const stream = later.slice();
          const atA = feed(a, concat(atB.sent, secured.ciphers?.send.apply(stream) ?? stream), from);
          expect(atA.secured?.ciphers === undefined).toBe(chosen === 1);
          expect(toHex(atA.received)).toBe(toHex(later));
          const back = later.slice();
          atA.secured?.ciphers?.send.apply(back);
          expect(toHex(secured.ciphers?.receive.apply(back) ?? back)).toBe(toHex(later));
        },
      ),
      { numRuns: 60 },
    );
  });

  test("take the payload that follows in the same chunk", () => {
    for (const chosen of [1, 2]) {
      const [a, b] = [initiator(), receiver({ select: () => chosen })];
      const { sent } = feed(b, a.hello, [9999]);
      const request = feed(a, sent, [9999]).sent;
      const { secured, received, sent: answer } = feed(b, request, [9999]);
      expect(toHex(received)).toBe(toHex(FIRST));
      const payload = utf8("at once");
      const early = secured?.ciphers?.send.apply(payload.slice()) ?? payload;
      expect(toHex(feed(a, concat(answer, early), [9999]).received)).toBe(toHex(payload));
    }
  });

  test("show neither a fixed length nor fixed content at the beginning", () => {
    const hellos = Array.from({ length: 40 }, (_, seed) => initiator({ seed }).hello);
    expect(new Set(hellos.map((hello) => hello.length)).size).toBeGreaterThan(20);
    for (const hello of hellos) expect(hello.length).toBeLessThanOrEqual(96 + 512);
    expect(new Set(hellos.map((hello) => toHex(hello.slice(0, 8)))).size).toBe(40);
  });
});

const POLICIES: readonly EncryptionPolicy[] = ["prefer", "allow", "require", "off"];

describe("policies", () => {
  // Dialler across, listener down: what the first attempt that can work ends in. -: none can.
  const table: Record<EncryptionPolicy, Record<EncryptionPolicy, string>> = {
    prefer: { prefer: "handshake", allow: "handshake", require: "rc4", off: "none" },
    allow: { prefer: "none", allow: "none", require: "rc4", off: "none" },
    require: { prefer: "rc4", allow: "rc4", require: "rc4", off: "-" },
    off: { prefer: "none", allow: "none", require: "-", off: "none" },
  };
  for (const dialler of POLICIES) {
    for (const listener of POLICIES) {
      const expected = table[dialler][listener];
      test(`${dialler} dials ${listener}: ${expected}`, () => {
        const attempt = (encrypted: boolean): string | undefined => {
          if (!encrypted) return acceptsPlain(listener) ? "none" : undefined;
          if (!acceptsEncrypted(listener)) return undefined;
          const [a, b] = [
            initiator({ offer: offeredMethods(dialler) }),
            receiver({ select: (offered) => selectMethod(listener, offered) }),
          ];
          const request = feed(a, feed(b, a.hello, [9999]).sent, [9999]).sent;
          const { secured } = feed(a, feed(b, request, [9999]).sent, [9999]);
          return secured?.ciphers === undefined ? "handshake" : "rc4";
        };
        const outcome = dialOrder(dialler)
          .map(attempt)
          .find((found) => found !== undefined);
        expect(outcome ?? "-").toBe(expected);
      });
    }
  }

  test("nothing in common is refused", () => {
    for (const policy of POLICIES) expect(selectMethod(policy, 0)).toBeUndefined();
    expect(selectMethod("require", 1)).toBeUndefined();
    expect(selectMethod("prefer", 0xfffffffc)).toBeUndefined();
  });
});

const refusal = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    if (error instanceof ProtocolError) return error.field;
    throw error;
  }
  return "nothing";
};

/** A hand-made initiator's second message, with what is wrong in it. */
function request(hello: Uint8Array, head: readonly number[], skey = SKEY): { first: Uint8Array; second: Uint8Array } {
  const keys = createKeyPair(seededRandom(9));
  const secret = sharedSecret(keys.privateKey, hello.slice(0, 96)) as Uint8Array;
  const sealed = createCiphers(secret, skey).forth.apply(Uint8Array.from(head));
  return {
    first: keys.publicKey,
    second: concat(syncHash(secret), maskTorrentHash(torrentHash(skey), secret), sealed),
  };
}

/** What the receiver says to a request that begins like this. */
function answerTo(head: readonly number[], skey = SKEY): string {
  const b = receiver();
  const keys = createKeyPair(seededRandom(9));
  const hello = feed(b, keys.publicKey, [96]).sent;
  return refusal(() => feed(b, request(hello, head, skey).second, [9999]));
}

const VC = [0, 0, 0, 0, 0, 0, 0, 0];

describe("a receiver", () => {
  test("names what is wrong with a request, and takes one that is right", () => {
    expect(answerTo([...VC, 0, 0, 0, 3, 0, 0, 0, 0])).toBe("nothing");
    expect(answerTo([...VC, 0, 0, 0, 3, 0, 0, 0, 0], seededRandom(77)(20))).toBe("torrent");
    expect(answerTo([0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 0])).toBe("verification constant");
    expect(answerTo([...VC, 0, 0, 0, 0, 0, 0, 0, 0])).toBe("crypto_provide");
    expect(answerTo([...VC, 0xff, 0xff, 0xff, 0xfc, 0, 0, 0, 0])).toBe("crypto_provide");
    expect(answerTo([...VC, 0, 0, 0, 3, 2, 1])).toBe("pad");
    expect(answerTo([...VC, 0, 0, 0, 3, 0, 0, 0x40, 1])).toBe("initial payload");
  });

  test("waits for no more than 512 bytes of pad", () => {
    const b = receiver();
    feed(b, createKeyPair(seededRandom(9)).publicKey, [96]);
    const noise = seededRandom(10)(512 + 20);
    expect(refusal(() => b.receive(noise.slice(0, 531)))).toBe("nothing");
    expect(refusal(() => b.receive(noise.slice(531)))).toBe("hash of the secret");
  });

  test("turns text and trivial keys away", () => {
    expect(refusal(() => receiver().receive(utf8("GET / HTTP/1.1\r\nHo")))).toBe("nothing");
    expect(refusal(() => receiver().receive(utf8("GET / HTTP/1.1\r\nHost: a")))).toBe("public key");
    expect(refusal(() => receiver().receive(new Uint8Array(96)))).toBe("public key");
  });
});

describe("an initiator", () => {
  /** What it says when the receiver's answer begins like this. */
  function reactionTo(head: readonly number[], offer = 3): string {
    const a = initiator({ offer });
    const keys = createKeyPair(seededRandom(9));
    const secret = sharedSecret(keys.privateKey, a.hello.slice(0, 96)) as Uint8Array;
    a.receive(keys.publicKey.slice());
    return refusal(() => a.receive(createCiphers(secret, SKEY).back.apply(Uint8Array.from(head))));
  }

  test("takes only what it has offered", () => {
    expect(reactionTo([...VC, 0, 0, 0, 1, 0, 0])).toBe("nothing");
    expect(reactionTo([...VC, 0, 0, 0, 2, 0, 0])).toBe("nothing");
    expect(reactionTo([...VC, 0, 0, 0, 1, 0, 0], 2)).toBe("crypto_select");
    for (const select of [0, 3, 4]) expect(reactionTo([...VC, 0, 0, 0, select, 0, 0])).toBe("crypto_select");
    expect(reactionTo([...VC, 1, 0, 0, 2, 0, 0])).toBe("crypto_select");
    expect(reactionTo([...VC, 0, 0, 0, 2, 2, 1])).toBe("pad");
  });

  test("waits for no more than 512 bytes of pad", () => {
    const a = initiator();
    a.receive(createKeyPair(seededRandom(9)).publicKey.slice());
    const noise = seededRandom(10)(512 + 8);
    expect(refusal(() => a.receive(noise.slice(0, 519)))).toBe("nothing");
    expect(refusal(() => a.receive(noise.slice(519)))).toBe("verification constant");
  });

  test("sees at once that the peer speaks in the open", () => {
    expect(refusal(() => initiator().receive(utf8("\u0013BitTorrent protocol")))).toBe("answer");
    expect(isPlainHandshake(utf8("\u0013BitTor"))).toBeUndefined();
    expect(isPlainHandshake(utf8("\u0013Bittor"))).toBe(false);
  });
});

test("whatever arrives, a side refuses by name or waits, and never for more than a few thousand bytes", () => {
  const noise = fc.array(fc.uint8Array({ minLength: 1, maxLength: 900 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(noise, fc.boolean(), (parts, initiates) => {
      const side = initiates ? initiator() : receiver();
      let taken = 0;
      const outcome = refusal(() => {
        for (const part of parts) {
          expect(side.receive(part.slice()).secured).toBeUndefined();
          taken += part.length;
        }
      });
      if (outcome === "nothing") expect(taken).toBeLessThan(96 + 512 + 20);
    }),
  );
});
