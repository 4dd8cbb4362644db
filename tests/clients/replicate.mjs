// Writes what ldes-client takes from a stream as N-Quads: its own command writes no RDF format.
// node replicate.mjs URL [STATE [ORDER [AFTER]]]
import { intoConfig, replicateLDES } from "ldes-client";
import { Writer } from "n3";

const [url, statePath, order = "none", after] = process.argv.slice(2);
const config = intoConfig({
  url,
  noShape: url.endsWith("/catalogue"), // its shape is on a server of somebody else
  statePath: statePath || undefined,
  after: after ? new Date(after) : undefined,
});
const client = replicateLDES(config, order);
const pages = [];
client.on("fragment", ({ url }) => pages.push(url));
client.on("error", (error) => {
  console.error(error);
  process.exitCode = 1;
});
const writer = new Writer({ format: "N-Quads" });
for await (const member of client.stream()) {
  process.stdout.write(writer.quadsToString(member.quads));
}
console.error(`pages ${new Set(pages).size}`);
