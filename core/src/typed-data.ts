/** EIP-712: domain separator and digest. Struct hashes are made by the package that owns the struct. */
import { bigintToBytes, concat, utf8 } from "./bytes.ts";
import { keccak256 } from "./keccak.ts";
import { type Address, addressBytes } from "./keys.ts";

export interface TypedDataDomain {
  readonly name: string;
  readonly version: string;
  readonly chainId: bigint;
  readonly verifyingContract: Address;
}

const DOMAIN_TYPE = keccak256(
  utf8("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
);

/** A 32-byte ABI word of an unsigned integer. */
export function word(value: bigint | number): Uint8Array {
  return bigintToBytes(BigInt(value), 32);
}

/** A 32-byte ABI word of an address. */
export function addressWord(address: Address): Uint8Array {
  return concat(new Uint8Array(12), addressBytes(address));
}

/** `keccak256(abi.encode(...words))` of 32-byte words. */
export function hashWords(...words: readonly Uint8Array[]): Uint8Array {
  return keccak256(concat(...words));
}

export function domainSeparator(domain: TypedDataDomain): Uint8Array {
  return hashWords(
    DOMAIN_TYPE,
    keccak256(utf8(domain.name)),
    keccak256(utf8(domain.version)),
    word(domain.chainId),
    addressWord(domain.verifyingContract),
  );
}

/** The digest that is signed: keccak256(0x1901 || domainSeparator || structHash). */
export function typedDataDigest(separator: Uint8Array, structHash: Uint8Array): Uint8Array {
  return keccak256(Uint8Array.of(0x19, 0x01), separator, structHash);
}
