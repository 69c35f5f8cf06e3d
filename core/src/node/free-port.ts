/** A port to listen on, for those who must name one before they start what listens. Invariant: a process gives each once. */
import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { EverseedError } from "../errors.ts";

/** Below what Linux gives to outgoing connections: one of those must not take a port between its choice and its use. */
const [FIRST_PORT, LAST_PORT] = [20_000, 32_000];
const PORT_TRIES = 100;
const drawn = new Set<number>();

/**
 * A port that is free now and was not drawn before, at random: other processes may look for one at the same time.
 * Rejects with EverseedError `ports-taken`.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < PORT_TRIES; tries++) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if (drawn.has(port)) continue;
    drawn.add(port);
    if (await isFree(port)) return port;
  }
  throw new EverseedError(
    "ports-taken",
    `Cannot find a free port: expected one between ${FIRST_PORT} and ${LAST_PORT}, received ${PORT_TRIES} that are taken`,
    { retryable: true },
  );
}

/** On all addresses, so that it is free on each. */
function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
