/** The market's messages (docs/spec/es_market.md): what decodes must encode to something that decodes to the same. */
import { readFileSync } from "node:fs";
import { fromHex } from "@everseed/core";
import { decodeMarketMessage, encodeMarketMessage } from "@everseed/market";
import { type FuzzTarget, same } from "./target.ts";

interface Vectors {
  readonly messages: Readonly<Record<string, string>>;
  readonly refused: readonly { readonly bytes: string }[];
}

function vectors(): Vectors {
  const path = new URL("../../../docs/spec/es_market.vectors.json", import.meta.url);
  return JSON.parse(readFileSync(path, "utf8")) as Vectors;
}

const bytes = (hex: string): Uint8Array => fromHex(hex) ?? new Uint8Array();

export const MARKET_TARGETS: readonly FuzzTarget[] = [
  {
    name: "market-message",
    corpus: () => Object.values(vectors().messages).map(bytes),
    refused: () => vectors().refused.map((each) => bytes(each.bytes)),
    run: (input) => {
      const message = decodeMarketMessage(input);
      same(decodeMarketMessage(encodeMarketMessage(message)), message, "message");
    },
  },
];
