/**
 * The newest item of each key that was followed, one small file each below the node's home: so that nobody can show a follower
 * that begins again an older one, and an item outlives a DHT that has forgotten it. A file that is missing or damaged costs
 * that and nothing else: an item is believed by its signature.
 */
import { join } from "node:path";
import { fromHex, toHex } from "@everseed/core";
import { isGenuine, type MutableItem, mutableTarget } from "@everseed/engine";
import { homeDir, readJson, writeJson } from "./home.ts";

interface SavedItem {
  readonly seq: number;
  readonly value: string;
  readonly signature: string;
}

export async function loadHeldItem(
  publicKey: Uint8Array,
  salt: Uint8Array = new Uint8Array(),
): Promise<MutableItem | undefined> {
  const saved = await readJson<SavedItem>(itemPath(publicKey, salt)).catch(() => undefined);
  if (saved === undefined || saved === null || !Number.isSafeInteger(saved.seq)) return undefined;
  const [value, signature] = [saved.value, saved.signature].map((hex) => fromHex(String(hex)));
  if (value === undefined || signature === undefined) return undefined;
  const item = { value, mutable: { publicKey, salt, seq: saved.seq, signature } };
  return isGenuine(item) ? item : undefined;
}

/** Resolves whether it could be kept or not. */
export async function keepHeldItem({
  value,
  mutable: { publicKey, salt, seq, signature },
}: MutableItem): Promise<void> {
  const saved: SavedItem = { seq, value: toHex(value), signature: toHex(signature) };
  await writeJson(itemPath(publicKey, salt), saved).catch(() => undefined);
}

function itemPath(publicKey: Uint8Array, salt: Uint8Array): string {
  return join(homeDir(), "followed", `${toHex(mutableTarget(publicKey, salt))}.json`);
}
