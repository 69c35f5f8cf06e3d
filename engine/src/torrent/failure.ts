/** Failures of a torrent as errors with a name. */
import { EverseedError } from "@everseed/core";

/** What went wrong as an error with a name. */
export function asError(error: unknown): EverseedError {
  if (error instanceof EverseedError) return error;
  const message = `Cannot go on with the torrent: ${(error as Error).message}`;
  return new EverseedError("torrent-failed", message, { cause: error });
}
