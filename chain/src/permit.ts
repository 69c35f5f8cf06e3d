/** EIP-2612: a signature in place of an approval's transaction. */
import { type Address, EverseedError } from "@everseed/core";
import { domainSeparator, type Hex, type LocalAccount, type PublicClient, parseAbi, parseSignature } from "viem";

const permitAbi = parseAbi([
  "function name() view returns (string)",
  "function version() view returns (string)",
  "function nonces(address owner) view returns (uint256)",
  "function DOMAIN_SEPARATOR() view returns (bytes32)",
]);

const types = {
  Permit: [
    { name: "owner", type: "address" },
    { name: "spender", type: "address" },
    { name: "value", type: "uint256" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
} as const;

export interface Permit {
  /** Unix seconds. */
  readonly deadline: bigint;
  readonly v: number;
  readonly r: Hex;
  readonly s: Hex;
}

export interface SignPermitInit {
  readonly reader: PublicClient;
  readonly account: LocalAccount;
  readonly chainId: number;
  readonly token: Address;
  readonly spender: Address;
  /** Base units. */
  readonly amount: bigint;
  /** Unix seconds. */
  readonly deadline: bigint;
}

/** Throws EverseedError `permit-unsupported` when the token does not tell what to sign. */
export async function signPermit(init: SignPermitInit): Promise<Permit> {
  const { reader, account, token, deadline } = init;
  const contract = { address: token, abi: permitAbi } as const;
  const unsupported = (cause?: unknown): EverseedError =>
    new EverseedError("permit-unsupported", `Cannot sign a permit for token ${token}: it does not offer EIP-2612`, {
      cause,
      hint: "Approve the token, then open the channel without a permit.",
    });
  const [name, nonce, separator] = await Promise.all([
    reader.readContract({ ...contract, functionName: "name" }),
    reader.readContract({ ...contract, functionName: "nonces", args: [account.address] }),
    reader.readContract({ ...contract, functionName: "DOMAIN_SEPARATOR" }),
  ]).catch((cause: unknown) => {
    throw unsupported(cause);
  });
  const told = await reader.readContract({ ...contract, functionName: "version" }).catch(() => undefined);
  // Not every token tells its version; the separator shows which one it means.
  const domain = [told, "1", "2"]
    .filter((version) => version !== undefined)
    .map((version) => ({ name, version, chainId: init.chainId, verifyingContract: token }))
    .find((candidate) => domainSeparator({ domain: candidate }) === separator);
  if (domain === undefined || account.signTypedData === undefined) throw unsupported();
  const signature = await account.signTypedData({
    domain,
    types,
    primaryType: "Permit",
    message: { owner: account.address, spender: init.spender, value: init.amount, nonce, deadline },
  });
  const { r, s, yParity } = parseSignature(signature);
  return { deadline, r, s, v: 27 + yParity };
}
