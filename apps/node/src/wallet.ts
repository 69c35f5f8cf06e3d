/**
 * The local wallet: one secp256k1 key in `wallet.json`, readable by its owner alone, encrypted with scrypt and
 * AES-256-GCM when a passphrase is given (`EVERSEED_PASSPHRASE`).
 */

import { createCipheriv, createDecipheriv, scryptSync } from "node:crypto";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { type Address, createSigner, EverseedError, fromHex, type Signer, systemRandom, toHex } from "@everseed/core";
import { nativeCurve } from "@everseed/core/node";
import { readJson, writeJson } from "./home.ts";

export interface Wallet {
  readonly address: Address;
  readonly privateKey: Uint8Array;
  readonly signer: Signer;
  /** The wallet's folder; the channel store lies beside the key. */
  readonly dir: string;
}

interface WalletFile {
  readonly version: 1;
  readonly address: Address;
  readonly privateKey?: string;
  readonly encrypted?: { readonly salt: string; readonly iv: string; readonly tag: string; readonly data: string };
}

/** scrypt cost: 32 MiB and about 0.1 s, OWASP's minimum for interactive use. */
const SCRYPT = { N: 1 << 15, r: 8, p: 1, maxmem: 64 << 20 };

const fileOf = (dir: string): string => join(dir, "wallet.json");

/** Makes a new wallet. Throws EverseedError `wallet-exists`: a key is never overwritten. */
export async function createWallet(dir: string, passphrase = process.env.EVERSEED_PASSPHRASE): Promise<Wallet> {
  const exists = await access(fileOf(dir)).then(
    () => true,
    () => false,
  );
  if (exists) {
    throw new EverseedError("wallet-exists", `Cannot make a wallet in ${dir}: one is there already`, {
      hint: "Choose another folder with --wallet, or use `everseed wallet show`.",
    });
  }
  const privateKey = systemRandom(32);
  const wallet = fromKey(dir, privateKey);
  const file: WalletFile = passphrase
    ? { version: 1, address: wallet.address, encrypted: encrypt(privateKey, passphrase) }
    : { version: 1, address: wallet.address, privateKey: toHex(privateKey) };
  await writeJson(fileOf(dir), file, 0o600);
  return wallet;
}

/** Opens a wallet. Throws EverseedError `wallet-missing`, `wallet-locked` or `wallet-damaged`. */
export async function openWallet(dir: string, passphrase = process.env.EVERSEED_PASSPHRASE): Promise<Wallet> {
  const file = await readJson<WalletFile>(fileOf(dir));
  if (file === undefined) {
    throw new EverseedError("wallet-missing", `Cannot open the wallet in ${dir}: there is none`, {
      hint: `Make one with \`everseed wallet new --wallet ${dir}\`.`,
    });
  }
  const key = file.encrypted ? decrypt(file.encrypted, passphrase, dir) : fromHex(file.privateKey ?? "");
  const wallet = key?.length === 32 ? fromKey(dir, key) : undefined;
  if (wallet?.address !== file.address) {
    throw new EverseedError(
      "wallet-damaged",
      `Cannot open the wallet in ${dir}: its key does not belong to ${file.address}`,
    );
  }
  return wallet;
}

/** Opens the wallet, or makes it where there is none. */
export async function ensureWallet(dir: string): Promise<Wallet> {
  try {
    return await openWallet(dir);
  } catch (error) {
    if (error instanceof EverseedError && error.code === "wallet-missing") return createWallet(dir);
    throw error;
  }
}

function fromKey(dir: string, privateKey: Uint8Array): Wallet {
  const signer = createSigner(privateKey, nativeCurve);
  return { address: signer.address, privateKey, signer, dir };
}

function encrypt(key: Uint8Array, passphrase: string): NonNullable<WalletFile["encrypted"]> {
  const salt = systemRandom(16);
  const iv = systemRandom(12);
  const cipher = createCipheriv("aes-256-gcm", scryptSync(passphrase, salt, 32, SCRYPT), iv);
  const data = Buffer.concat([cipher.update(key), cipher.final()]);
  return { salt: toHex(salt), iv: toHex(iv), tag: toHex(cipher.getAuthTag()), data: toHex(data) };
}

function decrypt(
  sealed: NonNullable<WalletFile["encrypted"]>,
  passphrase: string | undefined,
  dir: string,
): Uint8Array {
  const locked = (why: string): EverseedError =>
    new EverseedError("wallet-locked", `Cannot open the wallet in ${dir}: ${why}`, {
      hint: "Set EVERSEED_PASSPHRASE to the passphrase it was made with.",
    });
  if (!passphrase) throw locked("it is encrypted and no passphrase was given");
  const [salt, iv, tag, data] = [sealed.salt, sealed.iv, sealed.tag, sealed.data].map(
    (hex) => fromHex(hex) ?? new Uint8Array(),
  );
  try {
    const key = scryptSync(passphrase, salt as Uint8Array, 32, SCRYPT);
    const decipher = createDecipheriv("aes-256-gcm", key, iv as Uint8Array).setAuthTag(tag as Uint8Array);
    return Buffer.concat([decipher.update(data as Uint8Array), decipher.final()]);
  } catch {
    throw locked("the passphrase is wrong");
  }
}
