// Runs every audit of graphql-http against the address given: node run.js http://127.0.0.1:8080/graphql
// Prints one line for each that is not clean and a count; exits with 1 when there was one.
import { auditServer } from "graphql-http";

const url = process.argv[2];
if (!url) {
  console.error("usage: node run.js URL");
  process.exit(2);
}
const results = await auditServer({ url });
const unclean = results.filter((r) => r.status !== "ok");
for (const r of unclean) {
  console.log(`${r.status} ${r.id} ${r.name}: ${r.reason}`);
}
console.log(`${results.length - unclean.length} of ${results.length} audits clean`);
process.exit(unclean.length > 0 || results.length === 0 ? 1 : 0);
