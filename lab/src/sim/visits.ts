/** When a downloader comes, is away and goes: drawn before the run, so that a change in the engine does not change who is there. */
import type { World } from "./world.ts";

/** A swarm is born with a crowd: this long after the torrent came out the crowd is there. */
const CROWD_MS = 600_000;
/** Nobody comes earlier: the seeders are there, and have met. */
export const SETTLED_MS = 60_000;
const MAX_INTERRUPTIONS = 4;
const MEAN_UP_MS = 900_000;
const MEAN_DOWN_MS = 300_000;

export interface VisitInit {
  readonly joinMs: number;
  readonly crowd: number;
  readonly churn: number;
  readonly stayMs: number;
}

export interface Interruption {
  /** After it came, or came back. */
  readonly upMs: number;
  readonly downMs: number;
  /** Its process dies; otherwise it says goodbye. */
  readonly crash: boolean;
}

export interface Visit {
  readonly joinAtMs: number;
  readonly interruptions: readonly Interruption[];
  /** From its last piece on. */
  readonly stayMs: number;
}

/** Who churns is away several times, in the download or in the stay that follows. */
export function drawVisit(world: World, init: VisitInit): Visit {
  const soon = world.chance() < init.crowd;
  const joinAtMs = SETTLED_MS + world.chance() * (soon ? Math.min(CROWD_MS, init.joinMs) : init.joinMs);
  const churns = world.chance() < init.churn;
  const count = churns ? 1 + Math.floor(world.chance() * MAX_INTERRUPTIONS) : 0;
  const interruptions = Array.from({ length: count }, () => ({
    // Many short times and a few long ones.
    upMs: 500 + 3 * MEAN_UP_MS * world.chance() ** 2,
    downMs: 10_000 + 3 * MEAN_DOWN_MS * world.chance() ** 2,
    crash: world.chance() < 0.5,
  }));
  return { joinAtMs, interruptions, stayMs: init.stayMs * (0.5 + world.chance()) };
}

export interface Visitor {
  start(): void;
  crash(): void;
  stop(): void;
}

/** Carries the visit out. Returns what to call when the visitor has finished its download. */
export function visit(world: World, { joinAtMs, interruptions, stayMs }: Visit, visitor: Visitor): () => void {
  let gone = false;
  let away = 0;
  const come = (): void => {
    if (gone) return;
    visitor.start();
    const next = interruptions[away++];
    if (next !== undefined) world.after(next.upMs, () => leave(next));
  };
  const leave = ({ crash, downMs }: Interruption): void => {
    if (gone) return;
    if (crash) visitor.crash();
    else visitor.stop();
    world.after(downMs, come);
  };
  world.after(joinAtMs, come);
  let finished = false;
  return () => {
    if (finished) return;
    finished = true;
    world.after(stayMs, () => {
      gone = true;
      visitor.stop();
    });
  };
}
