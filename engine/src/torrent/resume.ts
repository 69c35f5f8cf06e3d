/**
 * What a torrent remembers between runs, so that its data need not be read again: pieces, counters, choices, and for each
 * file its size and time of change. Only pieces whose files are exactly as they were left are believed; the others are
 * checked. Bencoded, in our own keys.
 */
import { EverseedError, equalBytes } from "@everseed/core";
import {
  asBytes,
  asCount,
  asDict,
  type BencodeInput,
  type BencodeValue,
  decodeBencode,
  encodeBencode,
  type Metainfo,
  type PieceMap,
} from "@everseed/metainfo";
import { Bitfield } from "../piece/bitfield.ts";
import type { FileMark } from "../storage.ts";
import type { Content } from "./content.ts";

const FORMAT = 1;
const MAX_BYTES = 64 << 20;

export interface ResumeState {
  readonly have: Bitfield;
  /** By file; undefined where there was none. */
  readonly marks: readonly (FileMark | undefined)[];
  readonly priorities: readonly number[];
  readonly uploadedBytes: number;
  readonly downloadedBytes: number;
  /** Files that were given another path below the download folder. */
  readonly renamed: ReadonlyMap<number, readonly string[]>;
  /** When everything wanted was there first. Unix seconds. */
  readonly completedAt?: number | undefined;
}

/** What there is to remember of a torrent in files; undefined without. Syncs the data first. */
export async function captureResume(
  content: Content,
  now: () => Omit<ResumeState, "have" | "marks" | "priorities">,
): Promise<Uint8Array | undefined> {
  const { files } = content.storage;
  if (files === undefined) return undefined;
  const have = content.have.clone();
  await content.storage.sync();
  const { filePriorities: priorities, metainfo } = content;
  return encodeResume(metainfo, { ...now(), have, marks: await files.marks(), priorities });
}

export function encodeResume(metainfo: Metainfo, state: ResumeState): Uint8Array {
  const renamed = [...state.renamed].map(([file, path]): BencodeInput => [file, path.join("/")]);
  return encodeBencode(
    new Map<string, BencodeInput>([
      ["format", FORMAT],
      ["info hash", nameOf(metainfo)],
      ["pieces", state.have.bytes.slice()],
      ["files", state.marks.map((mark) => (mark === undefined ? [] : [mark.sizeBytes, Math.floor(mark.modifiedMs)]))],
      ["priorities", Uint8Array.from(state.priorities)],
      ["uploaded", state.uploadedBytes],
      ["downloaded", state.downloadedBytes],
      ["renamed", renamed],
      ...(state.completedAt === undefined ? [] : [["completed", state.completedAt] as [string, BencodeInput]]),
    ]),
  );
}

/** Throws EverseedError `resume-invalid`, or ProtocolError `bencode-*`: the data must then be checked as if it were new. */
export function decodeResume(bytes: Uint8Array, metainfo: Metainfo): ResumeState {
  const root = asDict(decodeBencode(bytes, { maxBytes: MAX_BYTES }));
  const name = asBytes(root?.get("info hash"));
  const have = Bitfield.from(asBytes(root?.get("pieces"))?.slice() ?? new Uint8Array(), metainfo.pieceCount);
  const files = root?.get("files");
  const priorities = asBytes(root?.get("priorities"));
  const count = metainfo.files.length;
  if (
    root === undefined ||
    root.get("format") !== FORMAT ||
    name === undefined ||
    !equalBytes(name, nameOf(metainfo)) ||
    have === undefined ||
    !Array.isArray(files) ||
    files.length !== count ||
    priorities?.length !== count ||
    priorities.some((priority) => priority > 7)
  ) {
    throw new EverseedError("resume-invalid", "Cannot resume: what was remembered is not of this torrent");
  }
  return {
    have,
    marks: files.map(markOf),
    priorities: [...priorities],
    uploadedBytes: asCount(root.get("uploaded")) ?? 0,
    downloadedBytes: asCount(root.get("downloaded")) ?? 0,
    renamed: renamedOf(root.get("renamed"), count),
    completedAt: asCount(root.get("completed")),
  };
}

/** The renamed files that are remembered; none when it is not of this torrent. */
export function resumedNames(bytes: Uint8Array, metainfo: Metainfo): ResumeState["renamed"] {
  try {
    return decodeResume(bytes, metainfo).renamed;
  } catch {
    return new Map();
  }
}

function markOf(value: BencodeValue): FileMark | undefined {
  if (!Array.isArray(value)) return undefined;
  const sizeBytes = asCount(value[0]);
  const modifiedMs = asCount(value[1]);
  return sizeBytes === undefined || modifiedMs === undefined ? undefined : { sizeBytes, modifiedMs };
}

function renamedOf(value: BencodeValue | undefined, files: number): Map<number, readonly string[]> {
  const out = new Map<number, readonly string[]>();
  if (!Array.isArray(value)) return out;
  for (const pair of value) {
    const [file, path] = Array.isArray(pair) ? pair : [];
    const index = asCount(file);
    const text = asBytes(path);
    if (index === undefined || index >= files || text === undefined) continue;
    out.set(index, new TextDecoder().decode(text).split("/"));
  }
  return out;
}

/**
 * Which pieces need no reading: true, it is there; false, it is not; undefined, look. A piece is known when all its files
 * are as they were.
 */
export function knownPieces(
  state: Pick<ResumeState, "have" | "marks">,
  marks: readonly (FileMark | undefined)[],
  pieces: PieceMap,
  metainfo: Metainfo,
): (piece: number) => boolean | undefined {
  const index = new Map(metainfo.files.map((file, i) => [file, i]));
  const untouched = metainfo.files.map((_, i) => sameMark(state.marks[i], marks[i]));
  const all = untouched.every(Boolean);
  return (piece) => {
    const known = all || pieces.files(piece).every((file) => untouched[index.get(file) as number]);
    return known ? state.have.has(piece) : undefined;
  };
}

function sameMark(a: FileMark | undefined, b: FileMark | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.sizeBytes === b.sizeBytes && Math.floor(a.modifiedMs) === Math.floor(b.modifiedMs);
}

function nameOf(metainfo: Metainfo): Uint8Array {
  return (metainfo.infoHashV2 ?? metainfo.infoHashV1)?.bytes ?? new Uint8Array();
}
