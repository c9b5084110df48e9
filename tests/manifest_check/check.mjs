// Turns the manifest (argument 1, YAML) into a TypeScript literal (argument 2), so that `tsc` checks every key.
import { readFileSync, writeFileSync } from "node:fs";
import { parse } from "yaml";

const manifest = parse(readFileSync(process.argv[2], "utf8"));
writeFileSync(
  process.argv[3],
  `import type { AppsManifestCreateArguments } from "@slack/web-api";
export const manifest: AppsManifestCreateArguments["manifest"] = ${JSON.stringify(manifest, null, 2)};
`,
);
