"""Holds what is in the history against what was sent: everything once, nothing else.

    compare.py SENT EXPORTED     what `run.py` wrote; what `firsthand export` wrote

Exit status: 0 all the same; 1 something differs.
"""

import json
import sys
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path

from clients import CLIENTS
from story import VISITED, facts

# What counts as the same time: a call is on its way for a moment.
TOLERATED_S = 1.0
DIFFERENCES_TOLD = 40
# What is not said in the story, or stands apart.
APART = ("id", "source", "time", "known_at")


def plain(fact, client):
    """A fact as a text that is equal where the facts are: what the client added of its own is left out."""
    said = {name: value for name, value in fact.items() if name not in APART}
    for body in ("properties", "traits"):
        if body in said:
            said[body] = {name: value for name, value in said[body].items() if not client.adds(name, value)}
    if client.family == "segment" and client.in_browser and said.get("event") == VISITED:
        # Sending it again, the client says who it is by then.
        said.pop("person", None)
    if client.family == "posthog" and "alias" in said:
        # PostHog's clients disagree on which id is the new one: two ids are one person, either way round.
        said["person"], said["alias"] = sorted([said["person"], said["alias"]])
    return json.dumps(said, sort_keys=True, ensure_ascii=False)


def seconds(text):
    return datetime.fromisoformat(text.rstrip("Z")[:26] + "+00:00").timestamp()


def main(sent, exported):
    differences = []
    found = defaultdict(list)
    ids = Counter()
    for fact in map(json.loads, Path(exported).read_text().split("\n")[:-1]):
        client = CLIENTS[fact["source"]]
        found[fact["source"], plain(fact, client)].append(fact)
        ids[fact["source"], fact["id"]] += 1
    differences += [f"{source}: {count} facts have the id {id}" for (source, id), count in ids.items() if count > 1]

    expected = 0
    for run in map(json.loads, Path(sent).read_text().split("\n")[:-1]):
        name, client = run["client"], CLIENTS[run["client"]]
        for step in run["steps"]:
            what = f"{name} through {run['fault']}, step {step['n']} ({step['do']})"
            meant = seconds(step["time"]) if "time" in step else step["at"]
            for fact in facts(step, client):
                expected += 1
                same = found.pop((name, plain(fact, client)), [])
                if len(same) != 1:
                    differences.append(f"{what}: found {len(same)} times, not once: {plain(fact, client)}")
                for fact in same[:1]:
                    late = seconds(fact["time"]) - meant
                    # A browser lets a call wait for a connection after it was stamped: its clock looks slow by that.
                    waited = seconds(fact["known_at"]) - step["at"] if client.in_browser else 0
                    if not -TOLERATED_S <= late <= TOLERATED_S + waited:
                        differences.append(f"{what}: dated {late:+.3f} s off, at {fact['time']}")
    for (name, fact), same in found.items():
        differences.append(f"{name}: nobody sent this, found {len(same)} times: {fact}")

    for difference in differences[:DIFFERENCES_TOLD]:
        print(difference, file=sys.stderr)
    if len(differences) > DIFFERENCES_TOLD:
        print(f"and {len(differences) - DIFFERENCES_TOLD} more", file=sys.stderr)
    print(f"{expected} facts sent, {len(differences)} differences")
    return 1 if differences else 0


sys.exit(main(*sys.argv[1:]))
