import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Address, type EverseedError, ZERO_ADDRESS } from "@everseed/core";
import { freePort } from "@everseed/core/node";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createChannelsClient } from "../channels-client.ts";
import { type Devnet, startDevnet } from "./devnet.ts";

let stateDir: string;
let running: Devnet[];
const KEY = new Uint8Array(32).fill(7);

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "everseed-devnet-"));
  running = [];
});
afterEach(async () => {
  await Promise.all(running.map((devnet) => devnet.stop()));
  await rm(stateDir, { recursive: true, force: true });
});

async function start(signal?: AbortSignal): Promise<Devnet> {
  const devnet = await startDevnet({ port: await freePort(), stateDir, ...(signal === undefined ? {} : { signal }) });
  running.push(devnet);
  return devnet;
}

const clientOf = (devnet: Devnet) => createChannelsClient({ ...devnet, privateKey: KEY });
const usdOf = (devnet: Devnet) => clientOf(devnet).balance(devnet.token.address as Address);

it("funds accounts on top of what they have, many at once", async () => {
  const devnet = await start();
  const client = clientOf(devnet);
  await Promise.all([1n, 2n, 3n].map((n) => devnet.fund(client.address, { eth: n, usd: 10n * n })));
  expect(await client.balance(ZERO_ADDRESS)).toBe(6n);
  expect(await usdOf(devnet)).toBe(60n);
});

it("goes on where it was after a stop, with the same contracts and history", async () => {
  const first = await start();
  await first.fund(clientOf(first).address, { eth: 10n ** 18n, usd: 100n });
  const { blockNumber } = await clientOf(first).approve(first.token.address as Address, 5n);
  await first.stop();
  const second = await start();
  expect([second.contract, second.token]).toEqual([first.contract, first.token]);
  expect(await usdOf(second)).toBe(100n);
  expect(await clientOf(second).allowance(second.token.address as Address)).toBe(5n);
  const saved = JSON.parse(await readFile(join(stateDir, "devnet.json"), "utf8")) as Devnet;
  expect(saved).toMatchObject({ rpcUrl: second.rpcUrl, contract: second.contract, chainId: 31_337 });
  expect((await clientOf(second).approve(second.token.address as Address, 6n)).blockNumber).toBe(blockNumber + 1n);
});

it("keeps what was flushed through kill -9 of the chain", async () => {
  for (let round = 1n; round <= 3n; round++) {
    const devnet = await start();
    await devnet.fund(clientOf(devnet).address, { eth: 10n ** 18n });
    await clientOf(devnet).approve(devnet.token.address as Address, round);
    await devnet.flush();
    process.kill(devnet.pid, "SIGKILL");
    await devnet.exited;
    const again = await start();
    expect(await clientOf(again).allowance(again.token.address as Address)).toBe(round);
    await again.stop();
  }
});

it("forgets nothing that anybody has heard of, however soon it is killed", async () => {
  for (let round = 1n; round <= 8n; round++) {
    const devnet = await start();
    await devnet.fund(clientOf(devnet).address, { eth: 10n ** 18n });
    const told = await clientOf(devnet).approve(devnet.token.address as Address, round);
    process.kill(devnet.pid, "SIGKILL");
    await devnet.exited;
    const again = await start();
    expect(await clientOf(again).allowance(again.token.address as Address), `block ${told.blockNumber}`).toBe(round);
    await again.stop();
  }
}, 60_000);

it("shows no reader a block that a kill would undo", async () => {
  const devnet = await start();
  const client = clientOf(devnet);
  const token = devnet.token.address as Address;
  await devnet.fund(client.address, { eth: 10n ** 18n });
  const approving = client.approve(token, 7n);
  // It is killed before the answer to the approval is there, or after: both are fine.
  approving.catch(() => undefined);
  const deadlineMs = Date.now() + 20_000;
  let seen = 0n;
  while (seen < 7n && Date.now() < deadlineMs) seen = await client.allowance(token);
  expect(seen).toBe(7n);
  process.kill(devnet.pid, "SIGKILL");
  await devnet.exited;
  const again = await start();
  expect(await clientOf(again).allowance(token)).toBe(7n);
}, 60_000);

it("saves by itself soon after a block", async () => {
  const devnet = await start();
  await devnet.fund(clientOf(devnet).address, { eth: 10n ** 18n });
  await clientOf(devnet).approve(devnet.token.address as Address, 9n);
  await new Promise((done) => setTimeout(done, 1_000));
  process.kill(devnet.pid, "SIGKILL");
  await devnet.exited;
  const again = await start();
  expect(await clientOf(again).allowance(again.token.address as Address)).toBe(9n);
});

it("takes over a chain that outlived its parent, losing nothing", async () => {
  const port = await freePort();
  const script = `import { startDevnet } from ${JSON.stringify(new URL("devnet.ts", import.meta.url).href)};
const devnet = await startDevnet({ port: ${port}, stateDir: ${JSON.stringify(stateDir)} });
console.log(JSON.stringify({ ...devnet }));`;
  const parent = spawn(process.execPath, ["--input-type=module-typescript", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  for await (const chunk of parent.stdout) {
    text += String(chunk);
    if (text.includes("\n")) break;
  }
  const old = JSON.parse(text) as Devnet;
  expect(await startDevnet({ port, stateDir }).catch((e: EverseedError) => e.code)).toBe("devnet-running");
  parent.kill("SIGKILL");
  await new Promise((done) => parent.once("exit", done));
  // The door went with the parent; anvil itself still listens. No parent saves it: only the chain itself knows this.
  const { port: inner } = JSON.parse(await readFile(join(stateDir, "owner.json"), "utf8")) as { port: number };
  const rpcUrl = `http://127.0.0.1:${inner}`;
  const poor = createChannelsClient({ ...old, rpcUrl, privateKey: KEY });
  await fetch(rpcUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "anvil_setBalance",
      params: [poor.address, "0xde0b6b3a7640000"],
    }),
  });
  await poor.approve(old.token.address as Address, 77n);
  const devnet = await startDevnet({ port, stateDir });
  running.push(devnet);
  expect(devnet.pid).not.toBe(old.pid);
  expect(await clientOf(devnet).allowance(devnet.token.address as Address)).toBe(77n);
});

it("resends what a restarted chain forgot", async () => {
  const port = await freePort();
  const first = await startDevnet({ port, stateDir });
  await first.fund(clientOf(first).address, { eth: 10n ** 18n });
  const client = clientOf(first);
  await first.stop();
  const approved = client.approve(first.token.address as Address, 3n);
  const second = await startDevnet({ port, stateDir });
  running.push(second);
  expect((await approved).status).toBe("success");
});

it("stops when its signal says so, and refuses a port that is taken", async () => {
  const controller = new AbortController();
  const devnet = await start(controller.signal);
  const other = await mkdtemp(join(tmpdir(), "everseed-devnet-"));
  const port = Number(new URL(devnet.rpcUrl).port);
  const code = await startDevnet({ port, stateDir: other }).catch((e: EverseedError) => e.code);
  expect(code).toBe("devnet-port");
  controller.abort();
  await devnet.exited;
  await devnet.stop();
  await rm(other, { recursive: true, force: true });
});

it("takes the whole one of two states, and refuses a folder with none", async () => {
  const devnet = await start();
  await devnet.fund(clientOf(devnet).address, { usd: 5n });
  await devnet.stop();
  await writeFile(join(stateDir, "anvil.json"), "{");
  const again = await start();
  expect(await usdOf(again)).toBe(5n);
  await again.stop();
  await writeFile(join(stateDir, "anvil-exit.json"), '{"best_block_');
  const third = await start();
  expect(await usdOf(third)).toBe(5n);
  await third.stop();
  await writeFile(join(stateDir, "anvil.json"), "{");
  await rm(join(stateDir, "anvil-exit.json"), { force: true });
  expect(await start().catch((e: EverseedError) => e.code)).toBe("devnet-state");
});
