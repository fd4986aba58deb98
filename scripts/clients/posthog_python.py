"""PostHog's client for Python tells the story that stands on standard input."""

import sys

from posthog import Posthog
from steps import fail, steps

url, key = sys.argv[1:]
client = Posthog(key, host=url, flush_at=50, flush_interval=0.2, gzip=True, on_error=fail)
for step in steps():
    do, account = step["do"], step.get("account")
    who = step.get("user") or step.get("anonymous")
    if do == "track":
        groups = {"company": account} if account else None
        said = {"properties": step["properties"], "groups": groups, "timestamp": step.get("time")}
        client.capture(step["event"], distinct_id=who, **said)
    elif do == "identify":
        client.set(distinct_id=who, properties=step["traits"])
    elif do == "alias":
        client.alias(step["previous"], who)
    else:
        client.group_identify("company", account, step["traits"], distinct_id=who)
client.shutdown()
