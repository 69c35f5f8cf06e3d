/**
 * Torrents: those that libtorrent made or judged, those that must be refused, and those made here, read back and checked
 * piece by piece against the data.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { concat, infoHashHex, ProtocolError, sha1, utf8, wireInfoHash } from "@everseed/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type BencodeInput,
  BLOCK_BYTES,
  buildTorrent,
  choosePieceLength,
  createPieceMap,
  decodeBencode,
  dict,
  encodeBencode,
  layoutFiles,
  type Metainfo,
  type PieceHashes,
  parseInfo,
  parseTorrent,
  type SourceFile,
  type TorrentKind,
  verifyPiece,
} from "./index.ts";

const fixture = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../fixtures/${name}.torrent`, import.meta.url)));
const hash = (algorithm: string, data: Uint8Array): Uint8Array =>
  new Uint8Array(createHash(algorithm).update(data).digest());

/** The data of the fixtures and of the torrents made here. */
function contentOf(path: string, lengthBytes: number): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let i = 0; i * 32 < lengthBytes; i++) parts.push(hash("sha256", utf8(`${path}${i}`)));
  return concat(...parts).subarray(0, lengthBytes);
}

function linearSpace(metainfo: Pick<Metainfo, "files" | "pieceLengthBytes" | "pieceCount">): Uint8Array {
  const space = new Uint8Array(metainfo.pieceCount * metainfo.pieceLengthBytes);
  for (const { path, lengthBytes, offsetBytes } of metainfo.files)
    space.set(contentOf(path.join("/"), lengthBytes), offsetBytes);
  return space;
}

function leavesOf(data: Uint8Array): Uint8Array {
  const leaves: Uint8Array[] = [];
  for (let at = 0; at < data.length; at += BLOCK_BYTES)
    leaves.push(hash("sha256", data.subarray(at, at + BLOCK_BYTES)));
  return concat(...leaves);
}

/** Hashes one piece as a shell does. */
function digest(metainfo: Metainfo, space: Uint8Array, piece: number): Required<PieceHashes> {
  const map = createPieceMap(metainfo);
  const offset = map.pieceOffset(piece);
  const data = space.subarray(offset, offset + map.pieceBytes(piece));
  return {
    sha1: hash("sha1", concat(data, new Uint8Array(map.v1PaddingBytes(piece)))),
    leaves: leavesOf(data),
  };
}

function make(kind: TorrentKind, files: readonly SourceFile[], pieceLengthBytes: number, name = "tree"): Uint8Array {
  const singleFile = files.length === 1 && files[0]?.path.join("/") === name;
  const layout = layoutFiles({ name, singleFile, files, kind, pieceLengthBytes });
  const space = linearSpace(layout);
  const end = Math.max(...layout.files.map((f) => (f.lengthBytes > 0 ? f.offsetBytes + f.lengthBytes : 0)));
  const pieces = Array.from({ length: layout.pieceCount }, (_, i) => {
    const from = i * pieceLengthBytes;
    const to = Math.min(end, from + pieceLengthBytes);
    const owner = layout.files.findLast((f) => f.lengthBytes > 0 && f.offsetBytes <= from) as Metainfo["files"][number];
    const dataEnd = kind === "v1" ? to : Math.min(to, owner.offsetBytes + owner.lengthBytes);
    return { sha1: hash("sha1", space.subarray(from, to)), leaves: leavesOf(space.subarray(from, dataEnd)) };
  });
  return buildTorrent(layout, pieces);
}

describe("torrents that libtorrent reads, with its infohashes", () => {
  it.each([
    ["base", "c0fda1edafdbdbb96443424e0b3899af7159d10e", undefined, 1, 425],
    ["sample", "58d8d15a4eb3bd9afabc9cee2564f78192777edb", undefined, 2, 45],
    ["symlink1", "efba96cd9ba647d0c887434a9162f20f794a141c", undefined, 1, 425],
    ["pad_file_no_path", "7202e1cd55de0a216a50f5e2d88a69752ef256a9", undefined, 1, 45],
    ["v2_only", undefined, "95e04d0c4bad94ab206efa884666fd89777dbe4f7bd9945af1829037a85c6192", 16, 1048576],
    [
      "v2_multipiece_file",
      "6c68c1bcc24c65b6fef4724d8234b67e0e9ac6a4",
      "108ac2c3718ce722e6896edc56c4afa98f1d711ecaace7aad74fca418ebd03de",
      16,
      1048576,
    ],
    [
      "empty-files-1",
      "59ee9eb4b6ab57918cc3837e1b217409f4a10845",
      "ee87fd27c23ad6ef1992b46ebee21b4a164e205c35bba38667ee1f79721a9f21",
      5,
      51712,
    ],
  ])("%s", (name, v1, v2, pieceCount, totalBytes) => {
    const metainfo = parseTorrent(fixture(name));
    expect(metainfo.infoHashV1 && infoHashHex(metainfo.infoHashV1)).toBe(v1);
    expect(metainfo.infoHashV2 && infoHashHex(metainfo.infoHashV2)).toBe(v2);
    expect(metainfo).toMatchObject({ pieceCount, totalBytes });
    const wanted = metainfo.infoHashV1 ?? metainfo.infoHashV2;
    expect(wireInfoHash(wanted as never)).toHaveLength(20);
  });

  it("padding files are room, not files", () => {
    expect(parseTorrent(fixture("sample")).files).toEqual([
      { path: ["text_file2.txt"], lengthBytes: 25, offsetBytes: 0 },
      { path: ["text_file.txt"], lengthBytes: 20, offsetBytes: 16384 },
    ]);
    expect(parseTorrent(fixture("pad_file_no_path")).tailPaddingBytes).toBe(2124);
  });

  it("symbolic links are left out and take no room", () => {
    expect(parseTorrent(fixture("symlink1")).files).toEqual([
      { path: ["a", "b", "bar"], lengthBytes: 425, offsetBytes: 0 },
    ]);
  });

  it.each(["v1", "v2", "hybrid"])("libtorrent-%s verifies against its data, piece by piece", (kind) => {
    const metainfo = parseTorrent(fixture(`libtorrent-${kind}`));
    expect(metainfo.files.map((file) => file.path.join("/"))).toEqual(["a", "b", "sub/c", "sub/e", "z"]);
    const map = createPieceMap(metainfo);
    const space = linearSpace(metainfo);
    for (let piece = 0; piece < map.pieceCount; piece++) {
      const good = digest(metainfo, space, piece);
      if (kind !== "v2") expect(verifyPiece(map, piece, { sha1: good.sha1 })).toBe(true);
      if (kind !== "v1") expect(verifyPiece(map, piece, { leaves: good.leaves })).toBe(true);
      expect(verifyPiece(map, piece, good)).toBe(true);
      const bad = Uint8Array.from(good.leaves, (byte, i) => (i === 0 ? byte ^ 1 : byte));
      if (kind !== "v1") expect(verifyPiece(map, piece, { ...good, leaves: bad })).toBe(false);
      if (kind !== "v2") expect(verifyPiece(map, piece, { ...good, sha1: new Uint8Array(20) })).toBe(false);
      expect(verifyPiece(map, piece, {})).toBe(false);
    }
  });

  it("the last piece of libtorrent's hybrid is hashed with the padding at the end", () => {
    const map = createPieceMap(parseTorrent(fixture("libtorrent-hybrid")));
    expect([map.pieceCount, map.pieceBytes(8), map.v1PaddingBytes(8)]).toEqual([9, 40_000 - 32_768, 25_536]);
  });

  it.each(["v1", "v2"])("the same files make the same infohash here: %s", (kind) => {
    const theirs = parseTorrent(fixture(`libtorrent-${kind}`));
    const sources = theirs.files.map(({ path, lengthBytes }) => ({ path, lengthBytes }));
    const ours = parseTorrent(make(kind as TorrentKind, sources, 32_768));
    expect(ours.infoBytes).toEqual(theirs.infoBytes);
  });
});

describe("torrents that are refused", () => {
  const refusal = (bytes: Uint8Array): string => {
    try {
      parseTorrent(bytes);
    } catch (error) {
      if (error instanceof ProtocolError) return `${error.code}: ${error.field}`;
      throw error;
    }
    return "accepted";
  };

  it.each([
    ["hidden_parent_path", "path-unsafe: file name"],
    ["duplicate_files", "path-duplicate: file list"],
    ["v2_invalid_piece_layer_size", "torrent-invalid: piece layers"],
    ["v2_zero_root_small", "torrent-invalid: pieces root"],
    ["v2_unordered_files", "torrent-invalid: file tree"],
    ["v2_invalid_pad_file", "torrent-invalid: file tree"],
  ])("%s", (name, expected) => {
    expect(refusal(fixture(name))).toBe(expected);
  });

  const one = { length: 5, name: "a", "piece length": 16384, pieces: new Uint8Array(20) };
  const torrent = (info: Record<string, BencodeInput | undefined>): Uint8Array =>
    encodeBencode(
      new Map([["info", new Map(Object.entries(info).filter((e): e is [string, BencodeInput] => e[1] !== undefined))]]),
    );
  const files = (...list: readonly [number, ...string[]][]): Uint8Array =>
    torrent({
      ...one,
      length: undefined,
      files: list.map(([length, ...path]) => new Map<string, BencodeInput>(Object.entries({ length, path }))),
    });

  it("accepts what the refused ones differ from", () => {
    expect(refusal(torrent(one))).toBe("accepted");
    expect(refusal(files([5, "a"], [0, "sub", "a"]))).toBe("accepted");
  });

  it.each([
    ["no length and no files", { length: undefined }, "torrent-invalid: info"],
    ["both length and files", { files: [] }, "torrent-invalid: info"],
    ["a negative length", { length: -5 }, "torrent-invalid: info"],
    ["nothing at all", { length: 0, pieces: "" }, "torrent-invalid: pieces"],
    ["more than 2^53 bytes", { length: 2n ** 60n }, "torrent-invalid: info"],
    ["too few hashes", { length: 16385 }, "torrent-invalid: pieces"],
    ["a hash too many", { pieces: new Uint8Array(40) }, "torrent-invalid: pieces"],
    ["part of a hash", { pieces: new Uint8Array(21) }, "torrent-invalid: pieces"],
    ["too many pieces", { length: 2 ** 40, "piece length": 16384 }, "torrent-invalid: pieces"],
    ["pieces of no bytes", { "piece length": 0 }, "torrent-invalid: piece length"],
    ["pieces of a negative length", { "piece length": -1 }, "torrent-invalid: piece length"],
    ["pieces of a gigabyte", { "piece length": 2 ** 30 }, "torrent-invalid: piece length"],
    ["an unknown meta version", { "meta version": 3 }, "torrent-invalid: meta version"],
    ["a meta version of another type", { "meta version": "x".repeat(100) }, "torrent-invalid: meta version"],
    ["v2 without a file tree", { "meta version": 2 }, "torrent-invalid: file tree"],
    ["no name", { name: undefined }, "path-unsafe: file name"],
  ])("%s", (_, changes, expected) => {
    expect(refusal(torrent({ ...one, ...changes }))).toBe(expected);
  });

  it.each([
    "",
    ".",
    "..",
    "...",
    ".. ",
    " ",
    "/etc/passwd",
    "a/b",
    "a\\b",
    "C:",
    "C:x",
    "nul",
    "CON.txt",
    "com1",
    "LPT9.log",
    "aux ",
    "con:x",
    "COM¹",
    "a\0b",
    "a\nb",
    "é".repeat(128),
  ])("the name %j", (name) => {
    expect(refusal(torrent({ ...one, name }))).toBe("path-unsafe: file name");
    expect(refusal(files([5, "x", name, "y"]))).toBe("path-unsafe: file name");
  });

  it.each(["R.E.M.", "console", "nullify", "com10", "a..b", "...a", "日本", "é".repeat(127)])("but not %j", (name) => {
    expect(refusal(torrent({ ...one, name }))).toBe("accepted");
  });

  it.each([
    ["the same name", files([5, "a"], [0, "a"])],
    ["names that differ in case", files([5, "Read.me"], [0, "READ.ME"])],
    ["names that differ in composition", files([5, "\u00e9"], [0, "e\u0301"])],
    ["names that differ in a dot at the end", files([5, "a"], [0, "a."])],
    ["folders that differ in case", files([5, "A", "x"], [0, "a", "X"])],
    ["a file that is a folder", files([5, "a"], [0, "A", "b"])],
  ])("%s", (_, bytes) => {
    expect(refusal(bytes)).toBe("path-duplicate: file list");
  });

  it("padding that goes on past the last piece", () => {
    const pad = (length: number): BencodeInput =>
      new Map<string, BencodeInput>([
        ["attr", "p"],
        ["length", length],
      ]);
    const file = new Map<string, BencodeInput>(Object.entries({ length: 5, path: ["a"] }));
    const padded = (length: number): Uint8Array => torrent({ ...one, length: undefined, files: [file, pad(length)] });
    expect(refusal(padded(16379))).toBe("accepted");
    expect(refusal(padded(16380))).toBe("torrent-invalid: files");
    expect(refusal(torrent({ ...one, length: undefined, files: [pad(5)] }))).toBe("torrent-invalid: files");
  });

  it("a hybrid whose two lists disagree in name, length, order or place", () => {
    const good = decodeBencode(fixture("libtorrent-hybrid")) as ReadonlyMap<string, ReadonlyMap<string, unknown>>;
    const info = good.get("info") as ReadonlyMap<string, BencodeInput>;
    const list = info.get("files") as readonly ReadonlyMap<string, BencodeInput>[];
    const having = (changed: readonly ReadonlyMap<string, BencodeInput>[]): Uint8Array =>
      encodeBencode(
        new Map<string, BencodeInput>([
          ...(good as never as [string, BencodeInput][]),
          ["info", new Map([...info, ["files", changed]])],
        ]),
      );
    const edited = (at: number, key: string, value: BencodeInput): Uint8Array =>
      having(list.map((file, i) => (i === at ? new Map([...file, [key, value]]) : file)));
    expect(refusal(having(list))).toBe("accepted");
    expect(refusal(edited(0, "path", ["other"]))).toBe("torrent-invalid: hybrid files");
    expect(refusal(edited(0, "length", 99_999))).toBe("torrent-invalid: hybrid files");
    expect(refusal(edited(1, "length", 31_071))).toBe("torrent-invalid: hybrid files");
    expect(refusal(having(list.filter((_, i) => i !== 1)))).toBe("torrent-invalid: hybrid files");
    expect(refusal(having(list.slice(0, -2)))).toBe("torrent-invalid: hybrid files");
    // BEP 52 does not ask for padding behind the last file.
    expect(refusal(having(list.slice(0, -1)))).toBe("accepted");
  });

  it("piece layers that are missing or another file's", () => {
    const root = decodeBencode(fixture("libtorrent-v2")) as ReadonlyMap<string, BencodeInput>;
    const layers = root.get("piece layers") as ReadonlyMap<string, Uint8Array>;
    const having = (changed: ReadonlyMap<string, BencodeInput>): Uint8Array =>
      encodeBencode(new Map([...root, ["piece layers", changed]]));
    const [first] = layers.keys() as IterableIterator<string>;
    expect(refusal(having(layers))).toBe("accepted");
    expect(refusal(having(new Map()))).toBe("torrent-invalid: piece layers");
    const flipped = (layers.get(first as string) as Uint8Array).map((byte, i) => (i === 40 ? byte ^ 1 : byte));
    expect(refusal(having(new Map([...layers, [first as string, flipped]])))).toBe("torrent-invalid: piece layers");
    const [a, b] = [...layers];
    const swapped = new Map([
      [a?.[0] as string, b?.[1] as Uint8Array],
      [b?.[0] as string, a?.[1] as Uint8Array],
    ]);
    expect(refusal(having(swapped))).toBe("torrent-invalid: piece layers");
  });

  it("two files of one root that differ in length", () => {
    const root = decodeBencode(fixture("libtorrent-v2")) as ReadonlyMap<string, BencodeInput>;
    const info = root.get("info") as ReadonlyMap<string, BencodeInput>;
    const tree = info.get("file tree") as ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, BencodeInput>>>;
    const a = tree.get("a")?.get("") as ReadonlyMap<string, BencodeInput>;
    const having = (lengthBytes: number): Uint8Array => {
      const twin = new Map([["", new Map([...a, ["length", lengthBytes]])]]);
      const changed = new Map<string, BencodeInput>([...info, ["file tree", new Map([...tree, ["a2", twin]])]]);
      return encodeBencode(new Map<string, BencodeInput>([...root, ["info", changed]]));
    };
    expect(refusal(having(100_000))).toBe("accepted");
    expect(refusal(having(200_000))).toBe("torrent-invalid: piece layers");
  });
});

describe("an info dictionary alone", () => {
  it("has the same identity; v2 layers are unknown until peers send them", () => {
    const whole = parseTorrent(fixture("libtorrent-v2"));
    const alone = parseInfo(whole.infoBytes);
    expect(alone.infoHashV2).toEqual(whole.infoHashV2);
    expect(alone.pieceLayers).toBeUndefined();
    const map = createPieceMap(alone);
    expect(map.v2Hash(0)).toBeUndefined();
    expect(verifyPiece(map, 0, digest(alone, linearSpace(alone), 0))).toBe(false);
    expect(map.v2Hash(4)).toEqual(alone.files[1]?.piecesRoot);
    expect(parseInfo(whole.infoBytes, whole.pieceLayers).pieceLayers).toEqual(whole.pieceLayers);
  });

  it("is hashed as it came, unsorted keys and all", () => {
    const info = utf8("d4:name1:a6:lengthi5e12:piece lengthi16384e6:pieces20:aaaaaaaaaaaaaaaaaaaae");
    const metainfo = parseTorrent(concat(utf8("d4:info"), info, utf8("e")));
    expect(metainfo.infoHashV1?.bytes).toEqual(sha1(info));
  });
});

describe("what stands around the info dictionary", () => {
  it("trackers, web seeds, comments and dates come back", () => {
    const layout = layoutFiles({
      name: "a",
      singleFile: true,
      files: [{ path: ["a"], lengthBytes: 5 }],
      kind: "v1",
      pieceLengthBytes: 16384,
    });
    const extras = {
      announce: [["http://a.example/announce", "udp://b.example:1"], ["wss://c.example"]],
      webSeeds: ["https://d.example/a"],
      httpSeeds: ["http://e.example/seed.php?a=b"],
      comment: "é",
      createdBy: "test",
      creationDate: 1_700_000_000,
      private: true,
    };
    expect(parseTorrent(buildTorrent(layout, [{ sha1: new Uint8Array(20) }], extras))).toMatchObject(extras);
  });

  it("URLs of other kinds are left out, one URL is a list of one", () => {
    const root = decodeBencode(fixture("base")) as ReadonlyMap<string, BencodeInput>;
    const bytes = encodeBencode(
      new Map<string, BencodeInput>([
        ...root,
        ["announce", " HTTP://a.example/ "],
        ["announce-list", [["file:///x"], 7]],
        ["url-list", "https://b.example/"],
        ["httpseeds", "http://c.example/"],
      ]),
    );
    expect(parseTorrent(bytes)).toMatchObject({
      announce: [["HTTP://a.example/"]],
      webSeeds: ["https://b.example/"],
      httpSeeds: ["http://c.example/"],
    });
  });
});

describe("making torrents", () => {
  it("chooses powers of two that give about a thousand pieces", () => {
    for (const [bytes, expected] of [
      [0, 16384],
      [1, 16384],
      [20 << 20, 16384],
      [1 << 30, 1 << 20],
      [2 ** 45, 1 << 24],
    ] as const) {
      expect(choosePieceLength(bytes)).toBe(expected);
    }
  });

  it.each([
    [8192, "piece-length"],
    [16385, "piece-length"],
    [49152, "piece-length"],
    [2 ** 29, "piece-length"],
  ])("refuses pieces of %i bytes", (pieceLengthBytes, code) => {
    const input = { name: "n", singleFile: false, files: [{ path: ["a"], lengthBytes: 1 }], kind: "v1" as const };
    expect(() => layoutFiles({ ...input, pieceLengthBytes })).toThrow(expect.objectContaining({ code }));
  });

  it("refuses nothing, too much, and names that no client could store", () => {
    const layout = (files: SourceFile[]) => () =>
      layoutFiles({ name: "n", singleFile: false, files, kind: "hybrid", pieceLengthBytes: 16384 });
    expect(layout([{ path: ["a"], lengthBytes: 0 }])).toThrow(expect.objectContaining({ code: "create-empty" }));
    expect(layout([{ path: ["a"], lengthBytes: 2 ** 40 }])).toThrow(
      expect.objectContaining({ code: "too-many-pieces" }),
    );
    expect(layout([{ path: [".."], lengthBytes: 1 }])).toThrow(expect.objectContaining({ code: "path-unsafe" }));
    expect(
      layout([
        { path: ["a"], lengthBytes: 1 },
        { path: ["A"], lengthBytes: 1 },
      ]),
    ).toThrow(expect.objectContaining({ code: "path-duplicate" }));
  });

  it("does not build from hashes that do not belong to the layout", () => {
    const layout = layoutFiles({
      name: "n",
      singleFile: false,
      files: [{ path: ["a"], lengthBytes: 20_000 }],
      kind: "hybrid",
      pieceLengthBytes: 16384,
    });
    const good = { sha1: new Uint8Array(20), leaves: new Uint8Array(32) };
    expect(() => buildTorrent(layout, [good])).toThrow("Invariant broken");
    expect(() => buildTorrent(layout, [good, { ...good, sha1: new Uint8Array(19) }])).toThrow("Invariant broken");
    expect(() => buildTorrent(layout, [good, { ...good, leaves: new Uint8Array(64) }])).toThrow("Invariant broken");
    expect(parseTorrent(buildTorrent(layout, [good, good])).pieceCount).toBe(2);
  });

  const trees = fc.record({
    kind: fc.constantFrom<TorrentKind>("v1", "v2", "hybrid"),
    pieceLengthBytes: fc.constantFrom(16_384, 32_768, 65_536),
    files: fc
      .uniqueArray(
        fc.record({
          path: fc.array(fc.constantFrom("a", "b", "c", "é", "R.E.M."), { minLength: 1, maxLength: 3 }),
          lengthBytes: fc.oneof(
            fc.constantFrom(0, 1, 16_383, 16_384, 16_385, 32_768, 49_152, 65_536, 65_537),
            fc.nat(200_000),
          ),
        }),
        { minLength: 1, maxLength: 6, selector: (file) => file.path.join("/") },
      )
      .filter((files) => files.some((file) => file.lengthBytes > 0))
      .filter((files) => {
        const names = files.map((file) => `${file.path.join("/")}/`);
        return !names.some((a) => names.some((b) => a !== b && b.startsWith(a)));
      }),
  });

  it("what is made reads back with the same files, and every piece verifies by every digest", () => {
    fc.assert(
      fc.property(trees, ({ kind, pieceLengthBytes, files }) => {
        const metainfo = parseTorrent(make(kind, files, pieceLengthBytes));
        const listed = (all: readonly SourceFile[]) => all.map((f) => `${f.path.join("/")}:${f.lengthBytes}`).sort();
        expect(listed(metainfo.files)).toEqual(listed(files));
        const map = createPieceMap(metainfo);
        const space = linearSpace(metainfo);
        let bytes = 0;
        for (let piece = 0; piece < map.pieceCount; piece++) {
          const { sha1, leaves } = digest(metainfo, space, piece);
          expect(map.blockCount(piece)).toBe(Math.ceil(map.pieceBytes(piece) / BLOCK_BYTES));
          expect(map.files(piece).length).toBeGreaterThan(0);
          if (kind !== "v2") expect(verifyPiece(map, piece, { sha1 })).toBe(true);
          if (kind !== "v1") expect(verifyPiece(map, piece, { leaves })).toBe(true);
          bytes += map.pieceBytes(piece);
        }
        expect(bytes).toBe(metainfo.totalBytes);
      }),
      { numRuns: 40 },
    );
  });
});

describe("chance and malice", () => {
  const seeds = ["base", "sample", "v2_only", "empty-files-1", "libtorrent-hybrid", "libtorrent-v2"].map(fixture);
  const surviving = (bytes: Uint8Array): void => {
    let metainfo: Metainfo;
    try {
      metainfo = parseTorrent(bytes);
    } catch (error) {
      expect(error).toBeInstanceOf(ProtocolError);
      return;
    }
    // Whatever is accepted has pieces that can be asked about without harm.
    const map = createPieceMap(metainfo);
    for (const piece of [0, map.pieceCount - 1, map.pieceCount]) {
      map.v1PaddingBytes(piece);
      map.files(piece);
      verifyPiece(map, piece, { sha1: new Uint8Array(20), leaves: new Uint8Array(32 * map.blockCount(piece)) });
    }
    expect(map.pieceBytes(map.pieceCount - 1)).toBeGreaterThan(0);
  };

  it("no damage to a torrent does more than have it refused", () => {
    const damaged = fc
      .tuple(
        fc.constantFrom(...seeds),
        fc.array(
          fc.tuple(
            fc.nat(),
            fc.oneof(
              fc.nat(255),
              fc.constantFrom(..."dlei019:-").map((c) => c.charCodeAt(0)),
            ),
          ),
          {
            minLength: 1,
            maxLength: 4,
          },
        ),
        fc.option(fc.tuple(fc.nat(), fc.nat(40))),
      )
      .map(([seed, writes, cut]) => {
        const bytes = seed.slice();
        for (const [at, byte] of writes) bytes[at % bytes.length] = byte;
        if (cut === null) return bytes;
        const from = cut[0] % bytes.length;
        return concat(bytes.subarray(0, from), bytes.subarray(from + cut[1]));
      });
    fc.assert(fc.property(damaged, surviving), { numRuns: 3000 });
  });

  it("no well-formed dictionary of the wrong shape does more", () => {
    const value = fc.oneof(
      fc.constantFrom<BencodeInput>(
        0,
        1,
        2,
        -1,
        5,
        16384,
        2n ** 64n,
        "",
        "a",
        "p",
        "..",
        [],
        [[]],
        ["a"],
        new Uint8Array(20),
      ),
      fc.constantFrom<BencodeInput>(
        [
          new Map<string, BencodeInput>([
            ["length", 5],
            ["path", ["a"]],
          ]),
        ],
        new Map([["", new Map([["length", 5]])]]),
        new Map([
          [
            "a",
            new Map([
              [
                "",
                new Map<string, BencodeInput>([
                  ["length", 5],
                  ["pieces root", new Uint8Array(32).fill(1)],
                ]),
              ],
            ]),
          ],
        ]),
        new Map([["x".repeat(32), new Uint8Array(32)]]),
      ),
    );
    const keys = [
      "length",
      "files",
      "name",
      "name.utf-8",
      "piece length",
      "pieces",
      "meta version",
      "file tree",
      "private",
    ];
    const dictionary = (names: readonly string[]) =>
      fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 9 }).map((entries) => new Map(entries));
    fc.assert(
      fc.property(
        dictionary(keys),
        dictionary(["announce", "announce-list", "url-list", "piece layers", "comment", "creation date"]),
        (info, around) => surviving(encodeBencode(new Map<string, BencodeInput>([...around, ["info", info]]))),
      ),
      { numRuns: 3000 },
    );
  });

  it("a deep and wide tree of folders costs no more than its size", () => {
    const deep = Array.from({ length: 30 }, (_, i) => `folder-${i}`);
    const list = Array.from({ length: 20_000 }, (_, i) => dict({ length: 1, path: [`${i}`, ...deep, "f"].map(utf8) }));
    const info = dict({ files: list, name: "n", "piece length": 1 << 20, pieces: new Uint8Array(20) });
    expect(parseTorrent(encodeBencode(dict({ info }))).files).toHaveLength(20_000);
  });
});
