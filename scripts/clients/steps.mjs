// What the clients for Node have in common: the steps to take, and telling when each was taken.
import { readFileSync } from "node:fs";

export const steps = JSON.parse(readFileSync(0, "utf8"));

/** What Segment's client, and RudderStack's after its example, take for a step. */
export function message({ n, do: call, user, anonymous, account, previous, time, ...rest }) {
  const message = user ? { userId: user, ...rest } : { anonymousId: anonymous, ...rest };
  if (call === "group") message.groupId = account;
  else if (account) message.context = { groupId: account };
  if (previous) message.previousId = previous;
  if (time) message.timestamp = new Date(time);
  return message;
}

// Some clients wait with timers that do not keep a process alive: they count on a server that goes on running.
const running = setInterval(() => {}, 1000);

/** Ends what keeps the script alive, when all is delivered. */
export function end() {
  clearInterval(running);
}

/** Says that step `n` is taken now. */
export function tell(n) {
  console.log(JSON.stringify({ step: n, at: Date.now() / 1000 }));
}
