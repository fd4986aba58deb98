// PostHog's client for Node tells the story that stands on its standard input.
import { PostHog } from "posthog-node";
import { end, steps, tell } from "./steps.mjs";

const [host, key] = process.argv.slice(2);
const client = new PostHog(key, { host, flushAt: 50, flushInterval: 200 });
client.on("error", (error) => {
  console.error(error);
  process.exitCode = 1;
});

for (const { n, do: call, user, anonymous, account, previous, time, event, properties, traits } of steps) {
  const distinctId = user ?? anonymous;
  tell(n);
  if (call === "track") {
    const groups = account && { company: account };
    client.capture({ distinctId, event, properties, groups, timestamp: time && new Date(time) });
  } else if (call === "identify") client.identify({ distinctId, properties: traits });
  else if (call === "alias") client.alias({ distinctId, alias: previous });
  else client.groupIdentify({ distinctId, groupType: "company", groupKey: account, properties: traits });
}
await client.shutdown(60_000);
end();
