"""What every client is told to send, and what must be found of it in the history.

A step is one call of a client: `do` says which, the other keys with what. All clients send the same story, each in its
own words. What a step means is written down here a second time, without looking at the server: `facts`.
"""

PEOPLE = 4
EVENTS_EACH = 55
# What each does before they sign in.
VISITED = "Pricing read"
# Some events say themselves when they were, as those of a queue or of a job at night do.
TOLD_TIMES = ["2026-03-01T08:30:00.250Z", "2025-12-31T23:59:59.999Z"]


def story(client, prefix):
    """The steps for a client. `prefix` keeps the subjects of one run apart."""
    steps = []

    def step(do, **what):
        # A browser knows who it was before.
        always = {"anonymous": visitor} if client.in_browser else {}
        steps.append({"n": len(steps), "do": do, **always, **what})

    for person in range(PEOPLE):
        user, visitor = f"{prefix}-user-{person}", f"{prefix}-visitor-{person}"
        account = f"{prefix}-account-{person % 3}"
        step("track", anonymous=visitor, event=VISITED, properties={"plan": "pro"})
        if not client.in_browser:
            step("alias", user=user, previous=visitor)
        step("identify", user=user, traits={"email": f"{user}@acme.example", "name": "Zoë Ünal", "seats": 3})
        step("group", user=user, account=account, traits={"name": f"Firm {person % 3} & Söhne", "employees": 40})
        if client.family == "segment":
            step("page", user=user, name="Billing", category="Settings", properties={"tab": "invoices"})
        if client.family == "segment" and not client.in_browser:
            step("screen", user=user, name="Home", properties={"dark": True})
        for event in range(EVENTS_EACH):
            properties = {
                "amount": 19.5 + event,
                "contacts": 10**12 + event,
                "headline": f"“Spring” №{event} \\ \n 🌱 <b>",
                "tags": ["a", "b", {"deep": [1, [2]]}],
                "first": event == 0,
            }
            extra = {"account": account} if client.in_browser or event % 2 else {}
            if event % 25 == 7:
                extra["time"] = TOLD_TIMES[event // 25]
            step("track", user=user, event="Report exported", properties=properties, **extra)
    for step in steps:
        # A mark by which each call is known again, where calls carry anything.
        for body in ("properties", "traits"):
            if body in step:
                step[body]["step"] = step["n"]
    return steps


def facts(step, client):
    """What the server must have understood, in the shape of `firsthand export`, without ids and times."""
    do = step["do"]
    who = {"person": step.get("user"), "anonymous": step.get("anonymous"), "account": step.get("account")}
    who = {name: value for name, value in who.items() if value is not None}
    if client.family == "posthog" and not client.in_browser and "anonymous" in who:
        # A distinct id does not tell whether somebody has signed in.
        who["person"] = who.pop("anonymous")
    if do == "track":
        return [{**who, "event": step["event"], "properties": step["properties"]}]
    if do in ("page", "screen"):
        named = {name: step[name] for name in ("name", "category") if name in step}
        event = {"page": "Page viewed", "screen": "Screen viewed"}[do]
        return [{**who, "event": event, "properties": {**step["properties"], **named}}]
    if do == "identify":
        traits = {**who, "of": "person", "traits": step["traits"]}
        return [traits, {**who, "link": True}] if client.in_browser else [traits]
    if do == "alias":
        return [{"person": step["user"], "alias": step["previous"]}]
    account = {"account": step["account"], "of": "account", "traits": step["traits"]}
    # PostHog's groups have no members; its events name them.
    member = {**who, "membership": "joined"}
    return [account] if client.family == "posthog" else [account, member]
