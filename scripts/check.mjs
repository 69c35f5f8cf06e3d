/**
 * Every check, in order, one line each; a failing one shows its whole output. Ends with the counts of checks and tests,
 * alone on a line. `npm test -- NAME...` runs some; `--coverage` measures what the tests reach.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { root, toolEnvironment } from "./node24.mjs";

const scratch = mkdtempSync(path.join(tmpdir(), "everseed-check-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
const vitestReport = path.join(scratch, "tests.json");
// Whatever the surroundings say, a log holds no colours.
const environment = {
  ...toolEnvironment(),
  ...(process.stdout.isTTY ? {} : { NO_COLOR: "1", FORCE_COLOR: undefined }),
};
const args = process.argv.slice(2);
const coverage = args.includes("--coverage") ? ["--coverage"] : [];

/** A check without `count` counts as one. */
const CHECKS = [
  { name: "format", command: ["biome", "ci", "--colors=off", "--error-on-warnings", "."] },
  { name: "types", command: ["tsc", "-p", "."] },
  {
    name: "imports",
    command: [
      "depcruise",
      ...["--config", ".dependency-cruiser.mjs"],
      ...["core", "protocol", "engine", "chain/src", "services", "apps", "lab/src"],
    ],
  },
  { name: "dead-code", command: ["knip", "--no-progress"] },
  { name: "tidy", command: ["node", "scripts/tidy.mjs"] },
  { name: "errors", command: ["node", "scripts/error-codes.mjs", "--check"] },
  { name: "generated", command: ["node", "chain/contracts/build.mjs", "--check"] },
  { name: "contracts", command: ["forge", "test"], folder: "chain/contracts", count: countForge },
  {
    name: "tests",
    command: [
      "vitest",
      "run",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${vitestReport}`,
      ...coverage,
    ],
    count: countVitest,
  },
];

const wanted = args.filter((arg) => arg !== "--coverage");
const unknown = wanted.filter((name) => !CHECKS.some((check) => check.name === name));
if (unknown.length > 0) {
  const names = CHECKS.map(({ name }) => name).join(", ");
  process.stderr.write(`Cannot check ${unknown.join(", ")}: expected some of ${names}, or --coverage\n`);
  process.exit(2);
}

let passed = 0;
let failed = 0;
for (const { name, command, folder, count } of CHECKS) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const startedMs = Date.now();
  const { ok, output } = await run(command, path.join(root, folder ?? ""));
  const counted = count?.(output) ?? { passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
  // A tool that failed for another reason than its tests, or ran none, has failed.
  if (counted.failed === 0 && (!ok || counted.passed === 0)) counted.failed = 1;
  passed += counted.passed;
  failed += counted.failed;
  const seconds = ((Date.now() - startedMs) / 1000).toFixed(1).padStart(6);
  const detail = count === undefined ? "" : `   ${counted.passed} passed, ${counted.failed} failed`;
  process.stdout.write(`${counted.failed === 0 ? "ok  " : "FAIL"} ${name.padEnd(10)} ${seconds} s${detail}\n`);
  if (counted.failed > 0) process.stdout.write(`${output.trimEnd()}\n\n`);
  else if (name === "tests" && coverage.length > 0)
    process.stdout.write(output.slice(output.indexOf(" % Coverage report")));
}
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 ? 1 : 0;

/** Runs one tool from node_modules/.bin in a folder and gathers what it says. */
function run([command, ...rest], cwd) {
  return new Promise((resolve) => {
    const child = spawn(command, rest, { cwd, env: environment, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => (output += text));
    child.on("error", (error) => resolve({ ok: false, output: `Cannot run ${command}: ${error.message}\n` }));
    child.on("close", (code) => resolve({ ok: code === 0, output }));
  });
}

/** Skipped tests count as failed: nothing is skipped in silence. A file that cannot be loaded counts once. */
function countVitest() {
  let report;
  try {
    report = JSON.parse(readFileSync(vitestReport, "utf8"));
  } catch {
    return { passed: 0, failed: 1 };
  }
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = report;
  const broken = testResults.filter(
    ({ status, assertionResults }) => status === "failed" && !assertionResults.some((each) => each.status === "failed"),
  );
  return { passed: numPassedTests, failed: numFailedTests + numPendingTests + numTodoTests + broken.length };
}

function countForge(output) {
  const totals = /(\d+) tests passed, (\d+) failed, (\d+) skipped/.exec(stripVTControlCharacters(output));
  if (totals === null) return { passed: 0, failed: 1 };
  const [, good, bad, skipped] = totals.map(Number);
  return { passed: good, failed: bad + skipped };
}
