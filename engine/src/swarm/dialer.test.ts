import { systemClock } from "@everseed/core";
import { describe, expect, test } from "vitest";
import type { EncryptionPolicy } from "../encryption/policy.ts";
import type { Torrent } from "../torrent/torrent.ts";
import type { Connection, Transport } from "../transport.ts";
import { Dialer } from "./dialer.ts";
import type { Outcome } from "./introducer.ts";
import { PeerBook } from "./peer-book.ts";

const ADDRESS = { host: "10.0.0.1", port: 6_881 };

/** A dialler over two transports; `answers` says what comes of each way, or that nobody is there. */
function rig(policy: EncryptionPolicy, answers: (transport: string, encrypted: boolean) => Outcome | "unreachable") {
  const tried: string[] = [];
  const torrent = { wantsPeers: true };
  const state = { stopped: false };
  const transports = ["tcp", "utp"].map(
    (name): Transport => ({
      name,
      connect: async () => {
        if (answers(name, true) === "unreachable") {
          tried.push(`${name} unreachable`);
          throw new Error("unreachable");
        }
        return { remote: "10.0.0.1:6881", name } as unknown as Connection;
      },
      listen: async () => 0,
      close: async () => {},
    }),
  );
  const book = new PeerBook();
  book.add(ADDRESS);
  const dialer = new Dialer({
    clock: systemClock,
    transports,
    policy,
    introducer: {
      greet: async (connection, _entry, { encrypted }) => {
        const { name } = connection as unknown as { name: string };
        tried.push(`${name} ${encrypted ? "encrypted" : "plain"}`);
        return answers(name, encrypted) as Outcome;
      },
    },
    stopped: () => state.stopped,
  });
  const dial = async (): Promise<string[]> => {
    book.next(Number.POSITIVE_INFINITY, () => true);
    await dialer.dial({ torrent: torrent as Torrent, book, hashes: [] }, ADDRESS);
    return tried.splice(0);
  };
  return { dial, torrent, state };
}

describe("Dialer", () => {
  test("tries every way in order until one answers, and begins with that one the next time", async () => {
    const { dial } = rig("prefer", (name, encrypted) => (name === "utp" && !encrypted ? "joined" : "failed"));
    expect(await dial()).toEqual(["tcp encrypted", "tcp plain", "utp encrypted", "utp plain"]);
    expect(await dial()).toEqual(["utp plain"]);
  });

  test("goes back to the other ways when the one that worked does no more", async () => {
    let works = false;
    const { dial } = rig("allow", (_, encrypted) => (encrypted === works ? "joined" : "failed"));
    expect(await dial()).toEqual(["tcp plain"]);
    works = true;
    expect(await dial()).toEqual(["tcp plain", "tcp encrypted"]);
    expect(await dial()).toEqual(["tcp encrypted"]);
  });

  test("knocks once at a transport that nobody answers", async () => {
    const { dial } = rig("prefer", (name) => (name === "tcp" ? "unreachable" : "failed"));
    expect(await dial()).toEqual(["tcp unreachable", "utp encrypted", "utp plain"]);
  });

  test("takes the answer of a stranger or of a torrent that has enough for an answer", async () => {
    for (const outcome of ["stranger", "refused"] as const) {
      expect(await rig("prefer", () => outcome).dial()).toEqual(["tcp encrypted"]);
    }
  });

  test("leaves off when the torrent has enough or the engine stops", async () => {
    const enough = rig("prefer", () => {
      enough.torrent.wantsPeers = false;
      return "failed";
    });
    expect(await enough.dial()).toEqual(["tcp encrypted"]);
    const stopping = rig("prefer", () => {
      stopping.state.stopped = true;
      return "failed";
    });
    expect(await stopping.dial()).toEqual(["tcp encrypted"]);
  });

  test("offers only what the policy allows", async () => {
    expect(await rig("require", () => "failed").dial()).toEqual(["tcp encrypted", "utp encrypted"]);
    expect(await rig("off", () => "failed").dial()).toEqual(["tcp plain", "utp plain"]);
  });
});
