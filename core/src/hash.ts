/** SHA-1 and SHA-256 for small inputs (info dictionaries, tree nodes). Payload is hashed by the engine's `Hasher`. */
import { hmac } from "@noble/hashes/hmac.js";
import { sha1 as nobleSha1 } from "@noble/hashes/legacy.js";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";

export const sha1 = (data: Uint8Array): Uint8Array => nobleSha1(data);
export const sha256 = (data: Uint8Array): Uint8Array => nobleSha256(data);

/** HMAC-SHA-256 (RFC 2104), 32 bytes. */
export const hmacSha256 = (key: Uint8Array, data: Uint8Array): Uint8Array => hmac(nobleSha256, key, data);
