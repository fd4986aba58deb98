"""Holds what is in the history against what the browser did: each act once, as a record, of the right person.

    recorded.py EXPORTED     what `firsthand export --csv` wrote
"""

import csv
import json
import sys
from collections import Counter
from pathlib import Path

DID = json.loads((Path(__file__).parent / "did.json").read_text())

wanted = Counter((person, f"Message {act}", delivery) for person, act, delivery in DID)
found = Counter()
with open(sys.argv[1], newline="") as exported:
    for fact in csv.DictReader(exported):
        if (fact["kind"], fact["account"]) == ("record", "acme"):
            found[(fact["person"], fact["name"], json.loads(fact["body"])["delivery"])] += 1
for name, some in (("missing", wanted - found), ("not done, or twice", found - wanted)):
    for (person, act, delivery), times in sorted(some.items()):
        print(f"{name}: {act} of {delivery} by {person}, {times} times", file=sys.stderr)
if wanted != found or not wanted:
    sys.exit(1)
print(f"{sum(found.values())} acts are in the history, each once")
