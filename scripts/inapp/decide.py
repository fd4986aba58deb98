"""Writes messages into the store, as a decision does: for each person named PERSON a message of each form in SHOWN.

    decide.py STORE [PERSON MESSAGE]     all of them, or one more
"""

import json
import sqlite3
import sys
import time
from pathlib import Path

MESSAGES = json.loads((Path(__file__).parent / "messages.json").read_text())
# Who gets what from the start. Persons are named after what they are to see, and how.
SHOWN = {
    **{f"{form}-{size}-{theme}": [form] for form in ("banner", "modal", "checklist") for size in ("desktop", "phone") for theme in ("light", "dark")},
    **{name: ["banner"] for name in ("slot", "keyboard-banner", "devices", "first-visit", "forced", "fallback")},
    **{name: ["modal"] for name in ("keyboard-modal", "writing")},
    "keyboard-checklist": ["checklist"],
    "both": ["banner", "checklist"],
    "zh": ["banner-zh"],
    "zh-hant": ["modal-zh"],
    "unsafe": ["unsafe"],
    "late": [],
}


def decide(store, person, name):
    now = int(time.time() * 1e6) - 1_000_000
    message = {"kind": "in-app", "person": person, "account": "acme", "until": None, **MESSAGES[name]}
    key = f"{person}:{name}"
    row = (key, None, "acme", "product", now, now, json.dumps(message).encode(), "pending", 0, None)
    store.execute("INSERT INTO deliveries (id, lead, account, channel, queued_at, due_at, payload, state, attempts, error)"
                  " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    store.execute("INSERT INTO inbox (delivery, person, due_at) VALUES (?, ?, ?)", (key, person, now))


def main():
    with sqlite3.connect(sys.argv[1], timeout=10) as store:
        if len(sys.argv) > 2:
            decide(store, *sys.argv[2:4])
            return
        for person, names in SHOWN.items():
            for name in names:
                decide(store, person, name)


main()
