/** ut_metadata (BEP 9): the info dictionary in pieces of 16 KiB. */
import { concat, ProtocolError } from "@everseed/core";
import { asCount, asDict, decodeBencodePrefix, dict, encodeBencode } from "@everseed/metainfo";

export const METADATA_PIECE_BYTES = 16_384;

export type MetadataMessage =
  | { readonly type: "request" | "reject"; readonly piece: number }
  | { readonly type: "data"; readonly piece: number; readonly totalSize: number; readonly data: Uint8Array };

const TYPES = ["request", "data", "reject"] as const;

export function encodeMetadataMessage(message: MetadataMessage): Uint8Array {
  const head = dict({
    msg_type: TYPES.indexOf(message.type),
    piece: message.piece,
    total_size: message.type === "data" ? message.totalSize : undefined,
  });
  return message.type === "data" ? concat(encodeBencode(head), message.data) : encodeBencode(head);
}

/** Throws `ProtocolError` (`ut-metadata`, `bencode-*`). */
export function decodeMetadataMessage(payload: Uint8Array): MetadataMessage {
  const { value, endOffset } = decodeBencodePrefix(payload, { maxBytes: 1 << 17, unsortedKeys: true });
  const head = asDict(value);
  const type = TYPES[asCount(head?.get("msg_type")) ?? -1];
  const piece = asCount(head?.get("piece"));
  if (type === undefined || piece === undefined) {
    throw new ProtocolError("ut-metadata", "ut_metadata message", "msg_type 0 to 2 and a piece", "another dictionary");
  }
  if (type !== "data") return { type, piece };
  const data = payload.subarray(endOffset);
  if (data.length > METADATA_PIECE_BYTES) {
    throw new ProtocolError(
      "ut-metadata",
      "ut_metadata data",
      `at most ${METADATA_PIECE_BYTES} bytes`,
      `${data.length}`,
    );
  }
  return { type, piece, totalSize: asCount(head?.get("total_size")) ?? 0, data };
}
