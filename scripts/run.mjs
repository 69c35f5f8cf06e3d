/**
 * What `npm start`, `npm test` and the other scripts of package.json run: installs what is missing, then runs the real thing
 * under Node 24. Plain JavaScript without dependencies: it must run on Node 20 in a fresh clone. Everything it says goes to
 * stderr; stdout belongs to the command.
 *
 *     node scripts/run.mjs start|test|lab|everseed [arguments]
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { findNode, handOver, root } from "./node24.mjs";

const TARGETS = {
  start: ["apps/cli/src/start.ts"],
  test: ["scripts/check.mjs"],
  lab: ["lab/src/index.ts"],
  everseed: ["apps/cli/bin/everseed.mjs"],
};

const say = (text) => process.stderr.write(`${text}\n`);

/**
 * Why an installation is needed, or undefined when what package-lock.json asks for is there. Optional packages of other
 * platforms are absent on purpose; one that is present must have the right version.
 */
function whatIsMissing() {
  const wanted = packagesOf("package-lock.json");
  if (!existsSync(path.join(root, "node_modules", ".package-lock.json"))) return "nothing is installed yet";
  const present = packagesOf("node_modules/.package-lock.json");
  for (const [name, { version, optional, link }] of Object.entries(wanted)) {
    if (!name.startsWith("node_modules/")) continue;
    const found = present[name];
    const folderIsThere = existsSync(path.join(root, name));
    if (found === undefined || !folderIsThere) {
      if (!optional) return `${name.slice("node_modules/".length)} is missing`;
    } else if (!link && found.version !== version) {
      return `${name.slice("node_modules/".length)} is ${found.version}, not ${version}`;
    }
  }
  return findNode() === undefined ? "Node 24 is missing" : undefined;
}

function packagesOf(file) {
  return JSON.parse(readFileSync(path.join(root, file), "utf8")).packages ?? {};
}

/** Runs npm quietly. Its output is shown only when it fails. */
function npm(args) {
  return new Promise((resolve) => {
    const child = spawn("npm", [...args, "--loglevel=error", "--no-fund", "--no-audit", "--no-progress"], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => (output += bytes));
    child.on("error", (error) => resolve({ ok: false, output: `${error.message}\n` }));
    child.on("close", (code) => resolve({ ok: code === 0, output }));
  });
}

async function install() {
  const reason = whatIsMissing();
  if (reason === undefined) return;
  const startedMs = Date.now();
  say(`Installing (${reason}; a minute or two the first time) ...`);
  let outcome = await npm(["ci"]);
  if (!outcome.ok) {
    const code = /npm error code (\S+)/.exec(outcome.output)?.[1] ?? "no code given";
    say(`npm ci refused (${code}); trying npm install with the same lockfile ...`);
    outcome = await npm(["install"]);
  }
  if (!outcome.ok) {
    say(outcome.output);
    say("Cannot install: expected npm to succeed; its own words are above.");
    process.exit(1);
  }
  const left = whatIsMissing();
  if (left !== undefined) say(`Installed, yet ${left}; going on.`);
  else say(`Installed in ${Math.round((Date.now() - startedMs) / 1000)} s.`);
}

const [name, ...rest] = process.argv.slice(2);
const target = Object.hasOwn(TARGETS, name ?? "") ? TARGETS[name] : undefined;
if (target === undefined) {
  say(`Cannot run ${name ?? "nothing"}: expected one of ${Object.keys(TARGETS).join(", ")}`);
  process.exit(2);
}
await install();
const [script, ...fixed] = target;
handOver([path.join(root, script), ...fixed, ...rest]);
