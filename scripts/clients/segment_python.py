"""Segment's and RudderStack's clients for Python, which are of one descent, tell the story on standard input."""

import sys

from steps import fail, steps

vendor, url, key = sys.argv[1:]
if vendor == "segment":
    from segment.analytics.client import Client
else:
    from rudderstack.analytics.client import Client

client = Client(key, host=url, gzip=True, upload_size=50, on_error=fail)
for step in steps():
    do, user, account = step["do"], step.get("user"), step.get("account")
    said = {"user_id": user}
    if "time" in step:
        said["timestamp"] = step["time"]
    if do != "alias":
        said["anonymous_id"] = step.get("anonymous")
    if account and do != "group":
        said["context"] = {"groupId": account}
    if do == "track":
        client.track(event=step["event"], properties=step["properties"], **said)
    elif do == "identify":
        client.identify(traits=step["traits"], **said)
    elif do == "alias":
        client.alias(previous_id=step["previous"], **said)
    elif do == "group":
        client.group(group_id=account, traits=step["traits"], **said)
    else:
        view = getattr(client, do)
        view(name=step["name"], category=step.get("category"), properties=step["properties"], **said)
client.shutdown()
