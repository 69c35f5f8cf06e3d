/** Writes docs/errors.md from the sources: every stable error code and where it is raised. `--check` fails when it is stale. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter(
    (file) => /^(core|protocol|engine|chain\/src|services|apps)\/.*\.ts$/.test(file) && !/\.test\.ts$/.test(file),
  );
const codes = new Map();
for (const file of files) {
  let text;
  try {
    text = readFileSync(root + file, "utf8");
  } catch {
    continue;
  }
  for (const [, kind, code] of text.matchAll(/new (EverseedError|ProtocolError)\(\s*["`]([a-z0-9-]+)["`]/g)) {
    const entry = codes.get(code) ?? { kind, files: new Set() };
    entry.files.add(file);
    codes.set(code, entry);
  }
}
const rows = [...codes]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(
    ([code, { kind, files: where }]) =>
      `| \`${code}\` | ${kind === "ProtocolError" ? "remote input" : "operation"} | ${[...where].sort().join(", ")} |`,
  );
const text = `# Error codes

Codes are stable: programs may rely on them. *Remote input* means that a peer, a tracker or a file broke a rule: the
message or its sender is dropped and counted. *Operation* means that something could not be done; the message says what
was expected and received, and the hint what to do. Prefixed families (\`bencode-\`, \`voucher-\`) carry the detail in
their last word. This page is made by \`node scripts/error-codes.mjs\`.

| code | kind | raised in |
| --- | --- | --- |
${rows.join("\n")}
`;
const target = `${root}docs/errors.md`;
if (process.argv.includes("--check")) {
  let present = "";
  try {
    present = readFileSync(target, "utf8");
  } catch {}
  if (present !== text) {
    process.stderr.write("docs/errors.md is not what the sources give: run `node scripts/error-codes.mjs`\n");
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
}
