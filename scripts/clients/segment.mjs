// Segment's client for Node tells the story that stands on its standard input.
import { Analytics } from "@segment/analytics-node";
import { end, message, steps, tell } from "./steps.mjs";

const [host, writeKey] = process.argv.slice(2);
const client = new Analytics({ host, writeKey, maxEventsInBatch: 50, flushInterval: 200 });
client.on("error", (error) => {
  console.error(error);
  process.exitCode = 1;
});

for (const step of steps) {
  tell(step.n);
  client[step.do](message(step));
}
await client.closeAndFlush();
end();
