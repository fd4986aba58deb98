"""What the clients for Python have in common: the steps to take, and telling when each was taken."""

import json
import os
import sys
import time
from datetime import datetime


def steps():
    """The steps on standard input, each told on standard output as it is taken."""
    for step in json.load(sys.stdin):
        if "time" in step:
            step["time"] = datetime.fromisoformat(step["time"])
        print(json.dumps({"step": step["n"], "at": time.time()}))
        yield step


def fail(error, *_):
    """Ends the client's script with the status of a failure."""
    print("not delivered:", error, file=sys.stderr)
    sys.stdout.flush()
    # From a thread of the client's own, which may not end the program otherwise.
    os._exit(1)
