/** ut_metadata (BEP 9): the info dictionary in pieces of 16 KiB. */
import { concat, ProtocolError } from "@everseed/core";
import { asCount, asDict, decodeBencodePrefix, dict, encodeBencode } from "@everseed/metainfo";

export const METADATA_PIECE_BYTES = 16_384;

export type MetadataMessage =
  | { readonly type: "request" | "reject"; readonly piece: number }
  | { readonly type: "data"; readonly piece: number; readonly totalSize: number; readonly data: Uint8Array }
  /** A type that BEP 9 does not define: ignored, as it asks. */
  | { readonly type: "unknown"; readonly messageType: number };

const TYPES = ["request", "data", "reject"] as const;
/** No info dictionary is larger than 1 GiB. */
const MAX_PIECE = 65_535;
/** The dictionary and one piece, with room for keys that other clients add. */
const MAX_BYTES = METADATA_PIECE_BYTES + 4_096;

export function encodeMetadataMessage(message: Exclude<MetadataMessage, { type: "unknown" }>): Uint8Array {
  const head = dict({
    msg_type: TYPES.indexOf(message.type),
    piece: message.piece,
    total_size: message.type === "data" ? message.totalSize : undefined,
  });
  return message.type === "data" ? concat(encodeBencode(head), message.data) : encodeBencode(head);
}

/** Throws `ProtocolError` (`ut-metadata`, `bencode-*`). */
export function decodeMetadataMessage(payload: Uint8Array): MetadataMessage {
  const { value, endOffset } = decodeBencodePrefix(payload, { maxBytes: MAX_BYTES, unsortedKeys: true });
  const head = asDict(value);
  const messageType = asCount(head?.get("msg_type"));
  if (messageType === undefined) throw bad("message", "a dictionary with a msg_type", "none");
  const type = TYPES[messageType];
  if (type === undefined) return { type: "unknown", messageType };
  const piece = asCount(head?.get("piece"));
  if (piece === undefined || piece > MAX_PIECE) throw bad("piece", `0 to ${MAX_PIECE}`, `${piece ?? "none"}`);
  if (type !== "data") return { type, piece };
  const data = payload.subarray(endOffset);
  if (data.length > METADATA_PIECE_BYTES) {
    throw bad("data", `at most ${METADATA_PIECE_BYTES} bytes`, `${data.length}`);
  }
  return { type, piece, totalSize: asCount(head?.get("total_size")) ?? 0, data };
}

function bad(field: string, expected: string, received: string): ProtocolError {
  return new ProtocolError("ut-metadata", `ut_metadata ${field}`, expected, received);
}
