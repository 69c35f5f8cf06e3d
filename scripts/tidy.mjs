/** House rules that no other tool knows: size of files, names, headers, nothing left for later, nothing skipped. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { root } from "./node24.mjs";

const MAX_LINES = 500;
const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter((file) => /\.(ts|mjs|sol)$/.test(file) && !file.includes("/generated/"));
const faults = [];

for (const file of files) {
  let text;
  try {
    text = readFileSync(root + file, "utf8");
  } catch {
    continue;
  }
  const test = file.endsWith(".test.ts") || file.endsWith(".t.sol");
  const name = file.split("/").at(-1);
  const lines = text.split("\n").length;
  if (!test && lines > MAX_LINES) faults.push(`${file}: ${lines} lines, expected at most ${MAX_LINES}: split it`);
  if (!file.endsWith(".sol") && !/^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)+$/.test(name))
    faults.push(`${file}: expected a kebab-case name`);
  const bare = /^(#!.*\n)?(\/\*\*|\/\/|export)/.test(text) || name === "index.ts" || name === "vitest.config.ts";
  if (!test && !bare) faults.push(`${file}: expected a header that says what it is for`);
  if (file !== "scripts/tidy.mjs") {
    if (/\b(TODO|FIXME|XXX|HACK)\b/.test(text)) faults.push(`${file}: something is left for later`);
    if (/\b(it|test|describe)\.(skip|only|todo)\b/.test(text)) faults.push(`${file}: a test is skipped`);
  }
  if (/^protocol\//.test(file) && !test && /\b(Date\.now|Math\.random|setTimeout|performance\.now)\b/.test(text)) {
    faults.push(`${file}: protocol code takes time and chance as arguments`);
  }
}
if (/"resolved": "[a-z+]+:/.test(readFileSync(`${root}package-lock.json`, "utf8")))
  faults.push("package-lock.json: holds download addresses");
process.stdout.write(faults.map((fault) => `${fault}\n`).join(""));
process.exit(faults.length > 0 ? 1 : 0);
