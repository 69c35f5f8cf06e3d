/**
 * The floors of the house (docs/architecture.md). A floor imports only from floors that stand before it in FLOORS; protocol
 * knows no machine at all; Node's built-ins and the shells that use them live in folders named `node`.
 */
const FLOORS = [
  "core",
  "protocol/metainfo",
  "protocol/wire",
  "protocol/choking",
  "protocol/market",
  "protocol/channel",
  "protocol/trust",
  "protocol/ledger",
  "protocol/proof",
  "engine",
  "chain",
  "services/[^/]+",
  "apps/node",
  "apps/(?!node/)[^/]+",
  "lab",
];
const ANY_FLOOR = "^(core|protocol/[^/]+|engine|chain|services/[^/]+|apps/[^/]+|lab)/";
const TESTS = "\\.test\\.ts$";

const climbing = FLOORS.slice(0, -1).map((floor, index) => ({
  name: `no-climbing-from-${floor.replace(/[^a-z]+/g, "-").replace(/^-|-$/g, "")}`,
  comment: "A floor imports only from floors before it in the list.",
  severity: "error",
  from: { path: `^${floor}/` },
  to: { path: FLOORS.slice(index + 1).map((higher) => `^${higher}/`) },
}));

export default {
  forbidden: [
    ...climbing,
    {
      name: "no-cycles",
      comment: "Two modules that need each other are one module, or miss a third.",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "no-neighbours",
      comment: "A service or an application knows only what stands below it.",
      severity: "error",
      from: { path: "^(services|apps/(?!node/)[^/]+)/" },
      to: { path: "^(services/[^/]+|apps/(?!node/)[^/]+)/", pathNot: ["^services/[^/]+/src/index\\.ts$", "^$1/"] },
    },
    {
      name: "commands-load-what-they-need",
      comment:
        "Every command is loaded at every start: the chain client and the services wait for the one that uses them.",
      severity: "error",
      from: { path: "^apps/(node/src/index|node/src/node|cli/src/(main|commands/))" },
      to: { path: ["^chain/", "^services/", "/viem/"], dynamic: false, dependencyTypesNot: ["type-only"] },
    },
    {
      name: "http-without-undici",
      comment: "Importing node:http loads undici, 50 ms of each start: take it from @everseed/core/node.",
      severity: "error",
      from: { path: "^(core|engine|chain|services|protocol|apps)/", pathNot: "\\.test\\.ts$" },
      to: { path: "^(node:)?https?$", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "choking-knows-no-wire",
      comment: "Who is unchoked follows from numbers, not from messages or money's rules.",
      severity: "error",
      from: { path: "^protocol/choking/" },
      to: { path: "^protocol/(wire|channel)/" },
    },
    {
      name: "only-public-faces",
      comment: "A package is entered through its index.ts; tests may run the suite of an interface they implement.",
      severity: "error",
      from: { path: ANY_FLOOR },
      to: { path: ANY_FLOOR, pathNot: ["^$1/", "/src/(node/)?index\\.ts$", "-compliance\\.ts$"] },
    },
    {
      name: "protocol-knows-no-machine",
      comment: "protocol/ is pure: no built-in of Node in its sources.",
      severity: "error",
      from: { path: "^protocol/", pathNot: TESTS },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "built-ins-in-node-folders",
      comment: "core, engine and chain run in the browser but for their folders named node.",
      severity: "error",
      from: { path: "^(core|engine|chain)/src/", pathNot: ["/node/", TESTS] },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "shells-stay-outside",
      comment: "What runs in the browser does not import a shell of Node.",
      severity: "error",
      from: { path: "^(core|protocol/[^/]+|engine|chain)/src/", pathNot: ["/node/", TESTS] },
      to: { path: "^(core|engine|chain)/src/node/" },
    },
    {
      name: "no-tests-in-sources",
      comment: "Nothing but a test imports a test.",
      severity: "error",
      from: { pathNot: TESTS },
      to: { path: TESTS },
    },
    {
      name: "resolvable",
      comment: "Every import leads somewhere.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(node_modules|generated)/" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      extensions: [".ts", ".mjs", ".js", ".json"],
    },
    builtInModules: { add: ["node:sqlite", "node:test", "node:sea"] },
  },
};
