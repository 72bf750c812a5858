// `npm test`: all tests, one file after the other, against the server at PERDURE_ADDRESS; with
// PERDURE_TESTS only the files of that name.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";

const files = readdirSync(new URL("test", import.meta.url))
  .filter((name) => name.endsWith(`${process.env.PERDURE_TESTS ?? ""}.test.mjs`))
  .map((name) => `test/${name}`);
// Workers without filters take whatever there is, so files must not run side by side.
const args = ["--test", "--test-concurrency=1", ...process.argv.slice(2), ...files];
const { status } = spawnSync(process.execPath, args, { stdio: "inherit", cwd: new URL(".", import.meta.url) });
process.exit(status ?? 1);
