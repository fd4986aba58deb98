// RudderStack's client for Node tells the story that stands on its standard input.
import RudderAnalytics from "@rudderstack/rudder-sdk-node";
import { end, message, steps, tell } from "./steps.mjs";

const [dataPlaneUrl, writeKey] = process.argv.slice(2);
const client = new RudderAnalytics(writeKey, { dataPlaneUrl, flushAt: 50, flushInterval: 200, logLevel: "none" });

const delivered = steps.map((step) => {
  tell(step.n);
  return new Promise((resolve, reject) => {
    client[step.do](message(step), (error) => (error ? reject(error) : resolve()));
  });
});
await Promise.all(delivered);
end();
