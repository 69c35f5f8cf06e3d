/** Hashes and signatures of channels and vouchers: EIP-712, equal to the contract's to the byte. */
import {
  type Address,
  addressWord,
  bytesToBigint,
  type Curve,
  domainSeparator,
  hashWords,
  keccak256,
  type RandomBytes,
  recoverAddress,
  type Signer,
  typedDataDigest,
  utf8,
  word,
} from "@everseed/core";
import type { ChannelTerms, Lane, Receipt, SignedVoucher, Voucher } from "./types.ts";

/** Where channels live: a contract on a chain. */
export interface ChannelDomain {
  readonly chainId: bigint;
  /** EverseedChannels. */
  readonly contract: Address;
}

const LANE = "Lane(bytes32 root,uint128 unit,uint32 maxSteps,uint64 expiry,bytes32 receiptHash)";
const LANE_TYPE = keccak256(utf8(LANE));
const VOUCHER_TYPE = keccak256(utf8(`Voucher(bytes32 channelId,uint128 cumulative,Lane[] lanes)${LANE}`));
const CLOSE_TYPE = keccak256(utf8("Close(bytes32 channelId,uint96 claimed)"));
const RECEIPT_TYPE = keccak256(
  utf8(
    "Receipt(bytes32 infohash,address uploader,address downloader,uint64 bytesBefore,uint32 unitBytes,uint64 epoch)",
  ),
);
const HELLO_TYPE = keccak256(
  utf8("Hello(bytes32 infohash,bytes32 sender,bytes32 receiver,bytes32 senderNonce,bytes32 receiverNonce)"),
);

/** keccak256(abi.encode(terms, contract, chainId)). */
export function channelId(terms: ChannelTerms, domain: ChannelDomain): Uint8Array {
  return hashWords(
    addressWord(terms.payer),
    addressWord(terms.payee),
    addressWord(terms.signer),
    addressWord(terms.token),
    word(terms.window),
    word(terms.nonce),
    addressWord(domain.contract),
    word(domain.chainId),
  );
}

/**
 * The nonce of a new channel that may be opened until then (unix seconds). Closed later than that it leaves nothing in the
 * contract's storage.
 */
export function nonceUntil(unixSeconds: number, random: RandomBytes): bigint {
  return (BigInt(unixSeconds) << 32n) | bytesToBigint(random(4));
}

/** Unix seconds of the last moment at which a channel may be opened. */
export function openableUntil({ nonce }: ChannelTerms): number {
  return Number(nonce >> 32n) || Number.POSITIVE_INFINITY;
}

const separators = new WeakMap<ChannelDomain, Uint8Array>();

export function separatorOf(domain: ChannelDomain): Uint8Array {
  const known = separators.get(domain);
  if (known !== undefined) return known;
  const separator = domainSeparator({
    name: "Everseed Channels",
    version: "1",
    chainId: domain.chainId,
    verifyingContract: domain.contract,
  });
  separators.set(domain, separator);
  return separator;
}

export function voucherDigest(voucher: Voucher, domain: ChannelDomain): Uint8Array {
  const lanes = hashWords(...voucher.lanes.map(hashLane));
  return typedDataDigest(
    separatorOf(domain),
    hashWords(VOUCHER_TYPE, voucher.channelId, word(voucher.cumulative), lanes),
  );
}

function hashLane(lane: Lane): Uint8Array {
  return hashWords(LANE_TYPE, lane.root, word(lane.unit), word(lane.maxSteps), word(lane.expiry), lane.receiptHash);
}

/** What both sides sign to close at once. `claimed`: base units that the payee gets in all. */
export function closeDigest(id: Uint8Array, claimed: bigint, domain: ChannelDomain): Uint8Array {
  return typedDataDigest(separatorOf(domain), hashWords(CLOSE_TYPE, id, word(claimed)));
}

export function signVoucher(voucher: Voucher, signer: Signer, domain: ChannelDomain): SignedVoucher {
  return { voucher, signature: signer.sign(voucherDigest(voucher, domain)) };
}

export function voucherSigner(signed: SignedVoucher, domain: ChannelDomain, curve: Curve): Address | undefined {
  return recoverAddress(voucherDigest(signed.voucher, domain), signed.signature, curve);
}

/** What a lane commits to: a struct hash, so that the voucher's signature covers it. */
export function receiptHash(receipt: Receipt): Uint8Array {
  return hashWords(
    RECEIPT_TYPE,
    padRight(receipt.infoHash),
    addressWord(receipt.uploader),
    addressWord(receipt.downloader),
    word(receipt.bytesBefore),
    word(receipt.unitBytes),
    word(receipt.epoch),
  );
}

export interface Hello {
  readonly wireInfoHash: Uint8Array;
  readonly senderPeerId: Uint8Array;
  readonly receiverPeerId: Uint8Array;
  readonly senderNonce: Uint8Array;
  readonly receiverNonce: Uint8Array;
}

/** What a peer signs to prove its address on this very connection: nobody else's signature fits. */
export function helloDigest(hello: Hello, domain: ChannelDomain): Uint8Array {
  return typedDataDigest(
    separatorOf(domain),
    hashWords(
      HELLO_TYPE,
      padRight(hello.wireInfoHash),
      padRight(hello.senderPeerId),
      padRight(hello.receiverPeerId),
      hello.senderNonce,
      hello.receiverNonce,
    ),
  );
}

/** Left-aligned in 32 bytes, as bytesN is in the ABI. */
function padRight(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(32);
  out.set(bytes.subarray(0, 32));
  return out;
}
