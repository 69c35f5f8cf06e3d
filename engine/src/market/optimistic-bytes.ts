/**
 * What address groups were given by optimistic slots in the last hour, because a new address costs nothing within a group.
 * Bounded: when too many groups are known, the one that was served longest ago is forgotten.
 */
import { OPTIMISTIC_GROUP_BYTES } from "@everseed/market";

const HOUR_MS = 3_600_000;
const MAX_GROUPS = 8_192;

interface Given {
  since: number;
  bytes: number;
}

export class OptimisticBytes {
  readonly #given = new Map<string, Given>();

  note(group: string, bytes: number, now: number): void {
    if (bytes <= 0) return;
    const known = this.#given.get(group);
    const fresh = known !== undefined && now - known.since < HOUR_MS;
    this.#given.delete(group);
    this.#given.set(group, fresh ? { since: known.since, bytes: known.bytes + bytes } : { since: now, bytes });
    const [oldest] = this.#given.keys();
    if (this.#given.size > MAX_GROUPS && oldest !== undefined) this.#given.delete(oldest);
  }

  /** What each group may still get; a group that is not named has everything. Bytes. */
  left(now: number): Map<string, number> {
    const out = new Map<string, number>();
    for (const [group, { since, bytes }] of this.#given)
      if (now - since < HOUR_MS) out.set(group, Math.max(0, OPTIMISTIC_GROUP_BYTES - bytes));
    return out;
  }
}
