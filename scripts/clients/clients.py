"""The clients: what runs each, what it speaks, and what of it is its own.

    clients.py --names [--without-browser]    their names, one a line
    clients.py --project                      the project file with a source for each
"""

import os
import sys
from dataclasses import dataclass, field

from proxy import FAULTS


@dataclass(frozen=True)
class Client:
    """One vendor's client."""

    # `segment` or `posthog`: which story it can tell.
    family: str
    command: tuple
    variables: dict = field(default_factory=dict)
    in_browser: bool = False
    faults: tuple = FAULTS

    def environment(self):
        return {**os.environ, **self.variables}

    def adds(self, name, value):
        """Whether a property or trait is one of those that the client puts in by itself."""
        if self.family == "posthog":
            # Where a browser came from, it says all that it does not know.
            return name.startswith("$") or (self.in_browser and (value is None or name in ("distinct_id", "token")))
        return self.in_browser and name in OF_PAGE


# What the clients for browsers say of the page.
OF_PAGE = (
    *("path", "referrer", "referring_domain", "search", "tab_url", "title", "url"),
    *("initial_referrer", "initial_referring_domain"),
)
# PostHog's client for browsers sends nothing again after a 4xx, 429 included.
NO_429 = tuple(it for it in FAULTS if it != "429")
V1 = {"POSTHOG_CAPTURE_MODE": "v1"}
CLIENTS = {
    "segment-node": Client("segment", ("node", "segment.mjs")),
    "segment-python": Client("segment", (sys.executable, "segment_python.py", "segment")),
    "rudderstack-node": Client("segment", ("node", "rudderstack.mjs")),
    "rudderstack-python": Client("segment", (sys.executable, "segment_python.py", "rudderstack")),
    "posthog-node": Client("posthog", ("node", "posthog.mjs")),
    "posthog-node-v1": Client("posthog", ("node", "posthog.mjs"), V1),
    "posthog-python": Client("posthog", (sys.executable, "posthog_python.py")),
    "posthog-python-v1": Client("posthog", (sys.executable, "posthog_python.py"), V1),
    "segment-browser": Client("segment", ("node", "browser.mjs", "segment"), in_browser=True),
    "segment-browser-batched": Client("segment", ("node", "browser.mjs", "segment-batched"), in_browser=True),
    "rudderstack-browser": Client("segment", ("node", "browser.mjs", "rudderstack"), in_browser=True),
    "posthog-browser": Client("posthog", ("node", "browser.mjs", "posthog"), in_browser=True, faults=NO_429),
}


def key(name):
    """The write key of a client's source, which is called as the client is."""
    return f"key-of-{name}"


def project():
    lines = ["sources:"]
    for name, client in CLIENTS.items():
        lines += [f"  {name}:", f"    key: {key(name)}", f"    accepts: {client.family}"]
        if client.family == "posthog":
            lines += ["    posthog: {account_group: company}"]
    return "\n".join(lines)


if __name__ == "__main__":
    if "--project" in sys.argv:
        print(project())
    else:
        with_browser = "--without-browser" not in sys.argv
        print("\n".join(name for name, client in CLIENTS.items() if with_browser or not client.in_browser))
