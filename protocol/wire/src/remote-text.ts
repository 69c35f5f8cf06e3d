/**
 * Text that a stranger wrote and people read: a tracker's reason, the name of a client. Invariant: what comes out neither
 * moves a terminal's cursor nor turns the direction of the text around it.
 */
import { fromUtf8 } from "@everseed/core";

const UNSHOWN = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** At most `maxBytes` of the text; control characters become spaces, what is no UTF-8 becomes U+FFFD. */
export function remoteText(bytes: Uint8Array, maxBytes: number): string {
  return fromUtf8(bytes.subarray(0, maxBytes)).replace(UNSHOWN, " ");
}
