/**
 * What a policy allows: how peers are dialled, which ways of encrypting are offered and accepted.
 *
 * Where both sides take either method, the key exchange and the dialler's greeting are encrypted and all that follows is
 * plain: RC4 costs each side a second of CPU time for half a gigabyte, and protects nothing but the look of the stream.
 * `prefer` thus reaches all peers, those that demand encryption among them, at the price of two exponentiations and a
 * round trip. Who is throttled by what the stream looks like chooses `require`, which offers and accepts RC4 alone.
 */

/**
 * `prefer`: dial encrypted, then plain. `allow`: dial plain, then encrypted. `require`: RC4 for everything, both ways.
 * `off`: plain only. All but `require` accept plain peers, all but `off` encrypted ones.
 */
export type EncryptionPolicy = "prefer" | "allow" | "require" | "off";

/** How a connection is encrypted: not at all, its handshakes alone, or everything. */
export type ConnectionEncryption = "none" | "handshake" | "rc4";

/** Bits of crypto_provide and crypto_select. */
export const PLAINTEXT = 1;
export const RC4 = 2;

/** Whether each attempt to dial is encrypted, in order. */
export function dialOrder(policy: EncryptionPolicy): readonly boolean[] {
  return { prefer: [true, false], allow: [false, true], require: [true], off: [false] }[policy];
}

export function acceptsPlain(policy: EncryptionPolicy): boolean {
  return policy !== "require";
}

export function acceptsEncrypted(policy: EncryptionPolicy): boolean {
  return policy !== "off";
}

/** The crypto_provide of our own handshakes. */
export function offeredMethods(policy: EncryptionPolicy): number {
  return policy === "require" ? RC4 : PLAINTEXT | RC4;
}

/** The crypto_select that answers an offer; `undefined` when nothing suits. */
export function selectMethod(policy: EncryptionPolicy, offered: number): number | undefined {
  const common = offered & offeredMethods(policy);
  if ((common & PLAINTEXT) !== 0) return PLAINTEXT;
  return (common & RC4) !== 0 ? RC4 : undefined;
}
