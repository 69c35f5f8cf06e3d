/**
 * Every check, in order, one line each; `npm test -- NAME...` runs some. Failing checks show their whole output. Ends with
 * the counts of checks and tests.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "everseed-check-"));
const report = join(scratch, "tests.json");
const forgeReport = [];

const CHECKS = [
  ["format", "biome", ["ci", "--error-on-warnings", "."]],
  ["types", "tsc", ["-p", "."]],
  [
    "imports",
    "depcruise",
    ["--config", ".dependency-cruiser.mjs", "core", "protocol", "engine", "chain/src", "services", "apps", "lab/src"],
  ],
  ["dead-code", "knip", []],
  ["tidy", "node", ["scripts/tidy.mjs"]],
  ["errors", "node", ["scripts/error-codes.mjs", "--check"]],
  ["generated", "node", ["chain/contracts/build.mjs", "--check"]],
  ["contracts", "forge", ["test", "--root", "chain/contracts", "--no-auto-detect"]],
  ["tests", "vitest", ["run", "--reporter=json", `--outputFile=${report}`, "--reporter=default"]],
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !CHECKS.some(([check]) => check === name));
if (unknown.length > 0) {
  process.stderr.write(
    `Cannot check ${unknown.join(", ")}: expected some of ${CHECKS.map(([name]) => name).join(", ")}\n`,
  );
  process.exit(2);
}

let passed = 0;
let failed = 0;
for (const [name, command, args] of CHECKS) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const started = Date.now();
  const result = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ok = result.status === 0;
  const seconds = ((Date.now() - started) / 1000).toFixed(1).padStart(6);
  process.stdout.write(`${ok ? "ok  " : "FAIL"} ${name.padEnd(10)} ${seconds} s\n`);
  if (!ok)
    process.stdout.write(
      `${result.stdout ?? ""}${result.stderr ?? ""}${result.error ? `${result.error.message}\n` : ""}\n`,
    );
  if (name === "contracts") forgeReport.push(result.stdout ?? "");
  const counted = name === "tests" ? countTests() : name === "contracts" ? countForge() : undefined;
  if (counted === undefined) {
    passed += ok ? 1 : 0;
    failed += ok ? 0 : 1;
  } else {
    passed += counted.passed;
    failed += counted.failed + (counted.failed === 0 && !ok ? 1 : 0);
  }
}
rmSync(scratch, { recursive: true, force: true });
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);

function countTests() {
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, "utf8"));
    return { passed: numPassedTests, failed: numFailedTests };
  } catch {
    return { passed: 0, failed: 1 };
  }
}

function countForge() {
  const totals = /(\d+) tests passed, (\d+) failed/.exec(forgeReport.join("").replace(/\u001b\[[0-9;]*m/g, ""));
  return totals === null ? { passed: 0, failed: 1 } : { passed: Number(totals[1]), failed: Number(totals[2]) };
}
