import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const { version, settings } = JSON.parse(readFileSync(at("contracts/solc.json"), "utf8"));

// The compiler is the npm package that the lock pins; Hardhat would download another, and wants this path absolute.
const compiler = { version, path: at("node_modules/solc/soljson.js"), settings };

export default {
  // Named twice because Hardhat's production profile otherwise drops the settings.
  solidity: { profiles: { default: compiler, production: compiler } },
  paths: {
    artifacts: "build/hardhat/artifacts",
    cache: "build/hardhat/cache",
    tests: { solidity: "tests/solidity" },
  },
};
