"""Waits until the server has settled every message, and has read the CRM.

    wait.py ADDRESS
"""

import re
import sys
import time
from urllib.request import urlopen

from messages import DEAD, MESSAGES

PATIENCE_S = 90


def count(outcome):
    with urlopen(f"http://{sys.argv[1]}/metrics") as answer:
        text = answer.read().decode()
    line = rf'^firsthand_deliveries_total\{{[^}}]*outcome="{outcome}"[^}}]*\}} ([0-9.]+)$'
    return sum(float(it) for it in re.findall(line, text, re.M))


until = time.monotonic() + PATIENCE_S
while (count("sent"), count("dead")) != (len(MESSAGES) - len(DEAD), len(DEAD)):
    if time.monotonic() > until:
        sys.exit(f"after {PATIENCE_S} s {count('sent')} are sent and {count('dead')} given up of {len(MESSAGES)}")
    time.sleep(0.2)
# The CRM is read ten seconds after the start.
time.sleep(15)
