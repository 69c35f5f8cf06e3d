/** Channels on disk: the promises of every store, kept through kill -9, and damage that is noticed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { newPayerState } from "@everseed/channel";
import { afterAll, describe, expect, test } from "vitest";
import { channelStoreCompliance } from "../../../engine/src/payment/channel-store-compliance.ts";
import { COMMIT_MS, openChannelStore, readChannelStore } from "./channel-store.ts";

const root = mkdtempSync(join(tmpdir(), "everseed-store-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
const fresh = (): string => join(root, `${count++}`);
const code = (task: () => unknown): string | undefined => {
  try {
    task();
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

describe("channels on disk", () => {
  channelStoreCompliance(() => {
    let dir = fresh();
    return {
      open: () => openChannelStore(dir),
      // The files as they are at this moment are what a killed process leaves.
      crash() {
        const left = fresh();
        cpSync(dir, left, { recursive: true });
        dir = left;
      },
      groupCommit: () => new Promise((resolve) => setTimeout(resolve, COMMIT_MS + 100)),
    };
  });

  test("a process killed with -9 leaves every save that had resolved, and its lock is gone with it", async () => {
    const dir = fresh();
    const script = `
      import { openChannelStore } from ${JSON.stringify(new URL("./channel-store.ts", import.meta.url).href)};
      const store = openChannelStore(${JSON.stringify(dir)});
      for (let n = 1; ; n++) {
        await store.savePayer("a1", { paidBytes: n });
        process.stdout.write(n + "\\n");
        await new Promise((resolve) => setImmediate(resolve));
      }`;
    const path = join(root, "writer.mjs");
    writeFileSync(path, script);
    const child = spawn(process.execPath, [path], { stdio: ["ignore", "pipe", "inherit"] });
    let seen = 0;
    for await (const chunk of child.stdout) {
      seen = Number(String(chunk).trim().split("\n").at(-1));
      if (seen < 20) continue;
      child.kill("SIGKILL");
      break;
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    const store = openChannelStore(dir);
    const { payers } = await store.load();
    expect(payers.get("a1")?.paidBytes).toBeGreaterThanOrEqual(seen);
    await store.close();
  });

  test("only one process at a time may sign; others may look", async () => {
    const dir = fresh();
    const store = openChannelStore(dir);
    const state = newPayerState({} as never, 5n);
    await store.savePayer("a1", state);
    expect(code(() => openChannelStore(dir))).toBe("store-busy");
    expect(readChannelStore(dir).payers.get("a1")).toEqual(state);
    await store.close();
    expect(readChannelStore(fresh()).payers.size).toBe(0);
  });

  test("a changed row, a damaged file and another version are refused with what to do", async () => {
    const dir = fresh();
    const path = join(dir, "channels.sqlite");
    const store = openChannelStore(dir);
    await store.savePayer("a1", newPayerState({} as never, 5n));
    await store.close();
    const edit = (sql: string): void => {
      const db = new DatabaseSync(path);
      db.exec(sql);
      db.close();
    };
    edit(`UPDATE channel SET state = replace(state, '"5"', '"6"')`);
    const changed = openChannelStore(dir);
    await expect(changed.load()).rejects.toMatchObject({ code: "store-damaged" });
    await changed.close();
    edit("PRAGMA user_version = 99");
    expect(code(() => openChannelStore(dir))).toBe("store-version");
    const broken = fresh();
    cpSync(dir, broken, { recursive: true });
    writeFileSync(join(broken, "channels.sqlite"), "not a database, not at all. ".repeat(100));
    expect(code(() => openChannelStore(broken))).toBe("store-damaged");
  });

  test("the file is for its owner alone", async () => {
    const dir = fresh();
    const store = openChannelStore(dir);
    expect(statSync(join(dir, "channels.sqlite")).mode & 0o077).toBe(0);
    await store.close();
  });
});
