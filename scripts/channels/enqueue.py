"""Puts the messages into the outbox of a project, as if they had just been decided.

    enqueue.py STORE
"""

import json
import sqlite3
import sys
import time

from messages import MESSAGES

now = time.time_ns() // 1000
with sqlite3.connect(sys.argv[1]) as store:
    for key, channel, message in MESSAGES:
        store.execute(
            "INSERT INTO deliveries (id, channel, queued_at, due_at, payload, state, attempts) "
            "VALUES (?, ?, ?, ?, ?, 'pending', 0)",
            (key, channel, now, now, json.dumps(message).encode()),
        )
