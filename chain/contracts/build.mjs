/**
 * Compiles the contracts and writes what the client needs, as TypeScript, to chain/src/generated. The result is committed,
 * so that nobody needs a compiler to run Everseed; `--check` fails when it is not what the sources give.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const solc = require("solc");
const here = (path) => new URL(path, import.meta.url);
const CONTRACTS = [
  {
    file: "src/EverseedChannels.sol",
    name: "EverseedChannels",
    out: "everseed-channels",
    constant: "everseedChannels",
  },
  { file: "src/tokens/TestUSD.sol", name: "TestUSD", out: "test-usd", constant: "testUsd" },
];

function resolveImport(path) {
  try {
    const file = path.startsWith("solady/") ? require.resolve(`solady/src/${path.slice(7)}`) : here(path);
    return { contents: readFileSync(file, "utf8") };
  } catch (error) {
    return { error: String(error) };
  }
}

const input = {
  language: "Solidity",
  sources: Object.fromEntries(CONTRACTS.map(({ file }) => [file, { content: readFileSync(here(file), "utf8") }])),
  settings: {
    viaIR: true,
    evmVersion: "cancun",
    optimizer: { enabled: true, runs: 1_000_000 },
    metadata: { bytecodeHash: "none", appendCBOR: false },
    outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
  },
};
const output = JSON.parse(solc.compile(JSON.stringify(input), { import: resolveImport }));
const errors = (output.errors ?? []).filter((e) => e.severity === "error");
if (errors.length > 0) {
  process.stderr.write(errors.map((e) => e.formattedMessage).join("\n"));
  process.exit(1);
}
let stale = 0;
mkdirSync(here("../src/generated/"), { recursive: true });
for (const { file, name, out, constant } of CONTRACTS) {
  const { abi, evm } = output.contracts[file][name];
  const text = `/** Generated from ${file} by \`npm run contracts\`: do not edit. */\nexport const ${constant}Abi = ${JSON.stringify(abi, null, 2)} as const;\n\nexport const ${constant}Bytecode = "0x${evm.bytecode.object}";\n`;
  const target = here(`../src/generated/${out}.ts`);
  if (process.argv.includes("--check")) {
    let present = "";
    try {
      present = readFileSync(target, "utf8");
    } catch {}
    if (present !== text) {
      stale++;
      process.stderr.write(`chain/src/generated/${out}.ts is not what ${file} gives: run \`npm run contracts\`\n`);
    }
  } else {
    writeFileSync(target, text);
    process.stderr.write(`${name}: ${evm.bytecode.object.length / 2} bytes\n`);
  }
}
process.exit(stale > 0 ? 1 : 0);
