/**
 * A torrent's files as its owner sees them: which are wanted and how much, how far each is, reading one while it downloads,
 * and moving them. Files are numbered as in `Metainfo.files`.
 */
import { EverseedError } from "@everseed/core";
import type { StoredFiles } from "../storage.ts";
import type { Content } from "./content.ts";
import { type StreamRange, streamFile } from "./stream.ts";

export interface TorrentFilesInit {
  /** Undefined until the metadata is known and the data was checked. */
  readonly content: () => Content | undefined;
  readonly now: () => number;
  /** Fires when streams must end. */
  readonly ended: () => AbortSignal;
  /** Other pieces are wanted than before. */
  readonly onWantsChanged: (content: Content) => void;
  /** Streams want pieces sooner. */
  readonly onDeadlines: () => void;
}

export class TorrentFiles {
  readonly #init: TorrentFilesInit;
  readonly #renamed = new Map<number, readonly string[]>();

  constructor(init: TorrentFilesInit) {
    this.#init = init;
  }

  /** By file, 0 (not wanted) to 7 (first); empty before the metadata. */
  get priorities(): readonly number[] {
    return this.#init.content()?.filePriorities ?? [];
  }

  /** Throws EverseedError `priority-invalid`, or `metadata-missing` before the metadata. */
  setPriorities(priorities: readonly number[]): void {
    const content = this.#content();
    content.setFilePriorities(priorities);
    this.#init.onWantsChanged(content);
  }

  /** What is wanted and not there, in whole pieces; 0 before the metadata. */
  get missingBytes(): number {
    const content = this.#init.content();
    return content === undefined ? 0 : content.picker.missing * content.metainfo.pieceLengthBytes;
  }

  /** Bytes of each file that are there. */
  progress(): readonly number[] {
    return this.#init.content()?.fileProgress() ?? [];
  }

  /**
   * The bytes of a file in order, waiting for those that are not there yet and having them fetched first. Throws
   * EverseedError `metadata-missing`, `file-unknown`, `range-invalid`, `stream-ended`.
   */
  read(file: number, range: StreamRange = {}): AsyncGenerator<Uint8Array, void, void> {
    const content = this.#content();
    const which = content.metainfo.files[file];
    if (which === undefined) {
      const count = content.metainfo.files.length;
      throw new EverseedError("file-unknown", `Cannot read file ${file}: the torrent has ${count} files`);
    }
    const { now, onDeadlines, ended } = this.#init;
    return streamFile({ content, now, onChange: onDeadlines, ended: ended() }, which, range);
  }

  /** Moves the data below another folder while peers are served on. Rejects with EverseedError `storage-*`. */
  async moveTo(folder: string): Promise<void> {
    await this.#stored().move(folder);
  }

  /** Gives a file another path below the download folder; peers notice nothing. Rejects with EverseedError `storage-*`. */
  async rename(file: number, path: readonly string[]): Promise<void> {
    await this.#stored().rename(file, path);
    this.#renamed.set(file, path);
  }

  /** Cuts wanted files that are longer than the torrent says. Rejects with EverseedError `storage-*`. */
  async trim(): Promise<void> {
    const { filePriorities } = this.#content();
    await this.#stored().trim(filePriorities.flatMap((priority, file) => (priority > 0 ? [file] : [])));
  }

  /** Files that have another path than the torrent gives them. */
  get renamed(): ReadonlyMap<number, readonly string[]> {
    return this.#renamed;
  }

  /** Renames of an earlier run, which the storage was told of when it was made. */
  remember(renamed: ReadonlyMap<number, readonly string[]>): void {
    for (const [file, path] of renamed) this.#renamed.set(file, path);
  }

  #content(): Content {
    const content = this.#init.content();
    if (content !== undefined) return content;
    throw new EverseedError("metadata-missing", "Cannot use the torrent's files: they are not known or checked yet", {
      retryable: true,
      hint: "Wait for the metadata and the check.",
    });
  }

  #stored(): StoredFiles {
    const files = this.#content().storage.files;
    if (files !== undefined) return files;
    throw new EverseedError("storage-fixed", "Cannot move or rename: the torrent's data is not kept in files");
  }
}
