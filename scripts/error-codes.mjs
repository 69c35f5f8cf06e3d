/**
 * Writes docs/errors.md from the sources: every stable error code, its message, its remedy and where it is raised. `--check`
 * fails when the page is stale, or when a code is not a literal, so that no code can be left out.
 */
import { globSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { root } from "./node24.mjs";

const KINDS = { ProtocolError: "remote input", EverseedError: "operation" };
const sources = globSync(["{core,engine,chain}/src/**/*.ts", "{protocol,services,apps}/*/src/**/*.ts"], { cwd: root })
  .filter((file) => !file.endsWith(".test.ts"))
  .sort();

/** Raised errors: { code, kind, message, hint, file }. `code` is undefined where it is not a literal. */
const raised = [];
for (const file of sources) {
  const text = readFileSync(path.join(root, file), "utf8");
  if (!/new (EverseedError|ProtocolError)\(/.test(text)) continue;
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true), file);
}

function visit(node, file) {
  if (ts.isNewExpression(node) && ts.isIdentifier(node.expression) && Object.hasOwn(KINDS, node.expression.text)) {
    const kind = node.expression.text;
    const [code, ...rest] = node.arguments ?? [];
    const message =
      kind === "ProtocolError"
        ? `Cannot accept ${wording(rest[0])}: expected ${wording(rest[1])}, received ${wording(rest[2])}`
        : wording(rest[0]);
    const hint = kind === "EverseedError" ? wording(property(rest[1], "hint"), "") : "";
    const codes = codesOf(code, node.getSourceFile());
    if (codes.length === 0) raised.push({ file, where: lineOf(node) });
    for (const each of codes) raised.push({ kind, file, message, hint, ...each });
  }
  ts.forEachChild(node, (child) => visit(child, file));
}

/** The codes an argument can be: a literal, `prefix-${detail}`, either of two, or a `code` of a table in the same file. */
function codesOf(node, source) {
  if (node === undefined) return [];
  if (ts.isStringLiteralLike(node)) return [{ code: node.text }];
  if (ts.isTemplateExpression(node)) return [{ code: wording(node) }];
  if (ts.isConditionalExpression(node)) return [...codesOf(node.whenTrue, source), ...codesOf(node.whenFalse, source)];
  if (ts.isPropertyAccessExpression(node) && node.name.text === "code") {
    const rows = [];
    const search = (each) => {
      if (ts.isObjectLiteralExpression(each)) {
        const code = property(each, "code");
        if (code !== undefined && ts.isStringLiteralLike(code)) {
          const why = property(each, "why");
          const hint = wording(property(each, "hint"), "");
          rows.push({ code: code.text, hint, ...(why === undefined ? {} : { message: `Cannot …: ${wording(why)}` }) });
        }
      }
      ts.forEachChild(each, search);
    };
    search(source);
    return rows;
  }
  return [];
}

function property(node, name) {
  if (node === undefined || !ts.isObjectLiteralExpression(node)) return undefined;
  return node.properties.find((each) => ts.isPropertyAssignment(each) && each.name.getText() === name)?.initializer;
}

/** What a message says, with `…` for what is filled in. */
function wording(node, absent = "…") {
  if (node === undefined) return absent;
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node))
    return node.head.text + node.templateSpans.map((span) => `…${span.literal.text}`).join("");
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken)
    return wording(node.left) + wording(node.right);
  return "…";
}

function lineOf(node) {
  return node.getSourceFile().getLineAndCharacterOfPosition(node.getStart()).line + 1;
}

const unnamed = raised.filter(({ code }) => code === undefined);
for (const { file, where } of unnamed)
  process.stderr.write(`${file}:${where}: expected a literal error code, so that it can be documented\n`);

const byCode = Map.groupBy(
  raised.filter(({ code }) => code !== undefined),
  ({ code }) => code,
);
const cell = (values) =>
  [...new Set(values.filter((value) => value !== ""))].sort().join("<br>").replaceAll("|", "\\|");
const rows = [...byCode]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([code, all]) => {
    const kind = cell(all.map((each) => KINDS[each.kind]));
    return `| \`${code}\` | ${kind} | ${cell(all.map((each) => each.message))} | ${cell(all.map((each) => each.hint))} | ${cell(all.map((each) => each.file))} |`;
  });

const page = `# Error codes

Codes are stable: programs may rely on them, and the command line prints them in brackets. There are three kinds of failure.

- **Remote input** (\`ProtocolError\`): a peer, a tracker or a file broke a rule. The message or its sender is dropped and
  counted; the process goes on. The error carries \`field\`, \`expected\` and \`received\`.
- **Operation** (\`EverseedError\`): something could not be done. The error carries \`retryable\`, a \`cause\` where there is one,
  and the remedy as \`hint\`.
- **A bug of ours** (\`Invariant broken: …\`): the program stops. It has no code; please report it.

\`…\` stands for what is filled in when the error is raised. This page is made by \`node scripts/error-codes.mjs\`.

| code | kind | message | remedy | raised in |
| --- | --- | --- | --- | --- |
${rows.join("\n")}
`;

const target = path.join(root, "docs", "errors.md");
if (!process.argv.includes("--check")) writeFileSync(target, page);
else if (readFileSync(target, "utf8") !== page) {
  process.stderr.write("docs/errors.md is not what the sources give: run `node scripts/error-codes.mjs`\n");
  process.exitCode = 1;
}
if (unnamed.length > 0) process.exitCode = 1;
