/** Names the operating system's refusals: each becomes an `EverseedError` with a stable code and a way out. */
import { EverseedError } from "@everseed/core";

interface Refusal {
  readonly code: string;
  readonly why: string;
  readonly hint: string;
  readonly retryable: boolean;
}

const FULL: Refusal = {
  code: "storage-full",
  why: "the disk is full",
  hint: "Free some space on the disk, or choose a download folder on another one, then resume.",
  retryable: true,
};
const DENIED: Refusal = {
  code: "storage-denied",
  why: "permission was denied",
  hint: "Check who owns the folder and its permissions, or choose another download folder.",
  retryable: false,
};
const BUSY: Refusal = {
  code: "storage-busy",
  why: "too many files are open",
  hint: "Raise the limit of open files (ulimit -n), or run fewer torrents at once.",
  retryable: true,
};

const REFUSALS: Readonly<Record<string, Refusal>> = {
  ENOSPC: FULL,
  EDQUOT: { ...FULL, why: "the disk quota is used up" },
  EFBIG: { ...FULL, why: "the file system cannot hold a file of this size", retryable: false },
  EACCES: DENIED,
  EPERM: DENIED,
  EROFS: { ...DENIED, why: "the file system is read-only" },
  ELOOP: {
    ...DENIED,
    why: "the file is a symbolic link",
    hint: "Put the file itself in the download folder: payload is never read or written through a link.",
  },
  EISDIR: {
    ...DENIED,
    why: "a folder stands in the file's place",
    hint: "Move the folder away, or choose another download folder.",
  },
  ENOTDIR: {
    ...DENIED,
    why: "a file stands in a folder's place",
    hint: "Move the file away, or choose another download folder.",
  },
  EEXIST: {
    ...DENIED,
    why: "a file stands in a folder's place",
    hint: "Move the file away, or choose another download folder.",
  },
  ENAMETOOLONG: {
    ...DENIED,
    why: "the name is too long for this file system",
    hint: "Choose a download folder with a shorter path.",
  },
  EMFILE: BUSY,
  ENFILE: BUSY,
};

/** Wraps an error of node:fs. `action` reads like "write to /data/file"; an EverseedError passes unchanged. */
export function storageError(action: string, cause: unknown): EverseedError {
  if (cause instanceof EverseedError) return cause;
  const errno = (cause as NodeJS.ErrnoException | undefined)?.code ?? "";
  if (errno === "ENOENT") {
    return new EverseedError("storage-missing", `Cannot ${action}: the file is not there`, {
      cause,
      hint: "Download it again, or point to the folder that holds it.",
    });
  }
  const refusal = REFUSALS[errno];
  if (refusal === undefined) {
    return new EverseedError(
      "storage-failed",
      `Cannot ${action}: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause, retryable: true },
    );
  }
  return new EverseedError(refusal.code, `Cannot ${action}: ${refusal.why}`, {
    cause,
    hint: refusal.hint,
    retryable: refusal.retryable,
  });
}
