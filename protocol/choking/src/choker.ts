/**
 * Who is unchoked: one pure function of what is known about the peers. Everything that decides about slots implements
 * `Choker`; the engine only carries the decision out.
 */

export interface Candidate {
  readonly id: number;
  readonly interested: boolean;
  readonly unchoked: boolean;
  /** Bytes per second we get from the peer. */
  readonly downloadRate: number;
  /** Bytes per second the peer gets from us. */
  readonly uploadRate: number;
  /** Milliseconds of the same clock as `now`. */
  readonly connectedAt: number;
  /** When it was unchoked last; 0: never. */
  readonly lastUnchokedAt: number;
  /** Pays for what it gets: always unchoked, beside the free slots, even when it is barred or not interested just now. */
  readonly paying: boolean;
  /** Agreed to pay and stopped: no claim to a free slot. */
  readonly barred: boolean;
}

export interface ChokeInput {
  readonly candidates: readonly Candidate[];
  /** Free slots, `optimistic` included; paying peers are beside them. */
  readonly slots: number;
  readonly optimisticSlots: number;
  /** True when we have everything that we want. */
  readonly seeding: boolean;
  /** Peers that hold an optimistic slot which is not yet due to rotate. */
  readonly optimistic: readonly number[];
  readonly now: number;
  /** Breaks ties, so that no peer can choose an id that wins them. */
  readonly salt: number;
}

export interface ChokeDecision {
  readonly unchoke: readonly number[];
  readonly optimistic: readonly number[];
}

export type Choker = (input: ChokeInput) => ChokeDecision;
