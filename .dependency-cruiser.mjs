/** The floors of the house (docs/architecture.md): a floor imports only from floors above it in this list. */
const FLOORS = [
  "core",
  "protocol/metainfo",
  "protocol/wire",
  "protocol/(choking|channel)",
  "engine",
  "chain/src",
  "services",
  "apps/node",
  "apps/cli",
  "lab",
];

const climbing = FLOORS.map((floor, i) => ({
  name: `${floor}-climbs`,
  comment: "A floor may import only from floors above it in the list.",
  severity: "error",
  from: { path: `^${floor}/` },
  to: { path: `^(${FLOORS.slice(i + 1).join("|")})/` },
}));

export default {
  forbidden: [
    // The command line starts services; nothing else in apps does.
    ...climbing,
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "choking-and-channel-are-apart",
      severity: "error",
      from: { path: "^protocol/choking/" },
      to: { path: "^protocol/(channel|wire)/" },
    },
    {
      name: "node-only-in-shells",
      comment: "core, engine and chain run in the browser too: Node built-ins stay in folders named node.",
      severity: "error",
      from: { path: "^(core|engine|chain)/src/", pathNot: "/node/|\\.test\\.ts$" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "protocol-is-pure",
      severity: "error",
      from: { path: "^protocol/", pathNot: "\\.test\\.ts$" },
      to: { dependencyTypes: ["core"] },
    },
    { name: "unresolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: "node_modules/(?!@everseed)" },
    exclude: { path: "\\.d\\.ts$" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default"],
      extensions: [".ts", ".js", ".mjs"],
    },
  },
};
