/**
 * Known answers: RFC 6229 for RC4, a key pair published with the tests of demagnetize, and the whole derivation as
 * Python's `pow` and `hashlib` give it for the private keys 01..14 and 65..78 and the torrent name 00..13 (hexadecimal).
 */
import { createDiffieHellman } from "node:crypto";
import { concat, fromHex, seededRandom, toHex } from "@everseed/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  createCiphers,
  createKeyPair,
  KEY_BYTES,
  maskTorrentHash,
  sharedSecret,
  syncHash,
  torrentHash,
} from "./key-exchange.ts";
import { Rc4 } from "./rc4.ts";

const hex = (text: string): Uint8Array => fromHex(text) as Uint8Array;
const run = (first: number, length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => first + i);
const keyPairOf = (privateKey: Uint8Array) => createKeyPair(() => privateKey);

const PUBLIC_A =
  "96e112dab29e8c5272accb9b17b26887ce54a144a4e3b697c7d159b7a817e556b0918db2b4c658e02a87f7e5fb14b18a" +
  "553e084cbf3dad2d30f16596ccb982d406258c61b30c5c1dae2ddc60bdbd48d79896312aad63238c39e1a633821eb693";
const PUBLIC_B =
  "d32ae8cedd0de9ca4fe67e35626bb8c7cdb0966727d899f6a62fdb2b68817f9ddc4b684e3eb34030b8dba4e028b7cff3" +
  "264020340cb4eab61923cdc4e4216ba873368d83f0a38e497f1f6b4e3d2012eb91a3ee6056f966f9eae732089b6fa46e";
const SECRET = hex(
  "d05ed96a95215a89b44073afe5d0b1626289ac01cff7849392948b2470b346547e944d7562a897ae86976bc389999083" +
    "ec09572dbdc8ed7f6a0a86a1aa42a3ca04209b72d8239890360435640643b76479ed7836f1857963fcc7cb72084c3ab4",
);
const PRIME = BigInt(
  "0xffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22" +
    "514a08798e3404ddef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a63a36210000000000090563",
);
const SKEY = run(0, 20);

describe("Rc4", () => {
  test("continues RFC 6229's key streams from byte 1,024", () => {
    const stream = (key: string, at: number): string =>
      toHex(new Rc4(hex(key)).apply(new Uint8Array(at + 16)).slice(at));
    expect(stream("0102030405", 0)).toBe("30abbcc7c20b01609f23ee2d5f6bb7df");
    expect(stream("0102030405", 4096 - 1024)).toBe("ff25b58995996707e51fbdf08b34d875");
    expect(stream("0102030405060708090a0b0c0d0e0f10", 0)).toBe("bdf0324e6083dcc6d3cedd3ca8c53c16");
    expect(stream("0102030405060708090a0b0c0d0e0f10", 3072 - 1024)).toBe("c05d88abd50357f935a63c59ee537623");
  });

  test("gives the same stream however it is cut and wherever the pieces lie", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(40), fc.nat(7)), { maxLength: 20 }), (cuts) => {
        const whole = new Rc4(SKEY).apply(new Uint8Array(cuts.reduce((sum, [size]) => sum + size, 0)));
        const cipher = new Rc4(SKEY);
        const pieces = cuts.map(([size, offset]) => {
          const around = new Uint8Array(size + offset + 9);
          cipher.apply(around.subarray(offset, offset + size));
          expect(around.subarray(0, offset).every((b) => b === 0)).toBe(true);
          expect(around.subarray(offset + size).every((b) => b === 0)).toBe(true);
          return around.subarray(offset, offset + size);
        });
        expect(toHex(concat(...pieces))).toBe(toHex(whole));
      }),
    );
  });
});

describe("the exchange of keys", () => {
  test("gives the public keys, the secret and the hashes that the specification's arithmetic gives", () => {
    const [a, b] = [keyPairOf(run(1, 20)), keyPairOf(run(101, 20))];
    expect(toHex(a.publicKey)).toBe(PUBLIC_A);
    expect(toHex(b.publicKey)).toBe(PUBLIC_B);
    expect(sharedSecret(a.privateKey, b.publicKey)).toEqual(SECRET);
    expect(sharedSecret(b.privateKey, a.publicKey)).toEqual(SECRET);
    expect(toHex(syncHash(SECRET))).toBe("78fffb0f23055a793ff7609f359e04e383ec3505");
    expect(toHex(maskTorrentHash(torrentHash(SKEY), SECRET))).toBe("7866a7ec9280fa9770074e99efb2c91fe6600eb7");
    const { forth, back } = createCiphers(SECRET, SKEY);
    expect(toHex(forth.apply(new Uint8Array(16)))).toBe("80f1f31783ba99b2dde8fdf8cfb0cbca");
    expect(toHex(back.apply(new Uint8Array(16)))).toBe("6a36fe9f24b4fd18c811408ba3306257");
  });

  test("gives the published key pair", () => {
    expect(toHex(keyPairOf(hex("a068078feb542e953c13e4dacece2b6730a2b512")).publicKey)).toBe(
      "fe0ffefc8a55947c7054729257d361deffc0f235bd0401acf283c4a34d0d38b7fc183fc4b172e74eed2226c9b58337605448b8217a036b74" +
        "0886c49578963c8ef1e1211da94f3e1386a9a6f82e8e54156de0fc5897b3a84a6d8108492cc38b6a",
    );
  });

  test("agrees with OpenSSL", () => {
    const native = createDiffieHellman(PRIME.toString(16), "hex", 2);
    native.generateKeys();
    for (let seed = 0; seed < 5; seed++) {
      const ours = createKeyPair(seededRandom(seed));
      const theirs = native.computeSecret(ours.publicKey);
      const padded = concat(new Uint8Array(KEY_BYTES - theirs.length), theirs);
      const publicKey = native.getPublicKey();
      const received = concat(new Uint8Array(KEY_BYTES - publicKey.length), publicKey);
      expect(sharedSecret(ours.privateKey, received)).toEqual(padded);
    }
  });

  test("refuses keys that make the secret known to everybody", () => {
    for (const value of [0n, 1n, PRIME - 1n, PRIME, (1n << 768n) - 1n]) {
      expect(sharedSecret(5n, hex(value.toString(16).padStart(192, "0")))).toBeUndefined();
    }
  });
});
