// Turns the manifest (argument 1, YAML) into a TypeScript literal beside this file, so that `tsc` checks every key.
import { readFileSync, writeFileSync } from "node:fs";
import { parse } from "yaml";

const manifest = parse(readFileSync(process.argv[2], "utf8"));
writeFileSync(
  new URL("manifest.ts", import.meta.url),
  `import type { AppsManifestCreateArguments } from "@slack/web-api";
export const manifest: AppsManifestCreateArguments["manifest"] = ${JSON.stringify(manifest, null, 2)};
`,
);
