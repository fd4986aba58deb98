"""Lets every client tell its story through every fault.

    run.py HOST:PORT SENT CLIENT...     the server; the file to write what was sent to; see `clients.py`

Exit status: 0 every client says it delivered everything; 1 one does not.
"""

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import urlopen

from clients import CLIENTS, key
from proxy import Proxy
from story import story

HERE = Path(__file__).parent
# Longer than the longest that a client tries.
TIME_MAX_S = 180
# Most of the time they wait; more at once would only keep each other from the processors.
AT_ONCE = 4


def tell(upstream, name, fault):
    """Runs one client through one fault: what it sent, what the proxy did, what went wrong."""
    client = CLIENTS[name]
    steps = story(client, fault)
    proxy = Proxy(upstream, fault)
    began = time.monotonic()
    try:
        done = subprocess.run(
            [*client.command, proxy.url, key(name)],
            input=json.dumps(steps),
            env=client.environment(),
            cwd=HERE,
            capture_output=True,
            text=True,
            timeout=TIME_MAX_S,
        )
        status, output, complaints = done.returncode, done.stdout, done.stderr
    except subprocess.TimeoutExpired as expired:
        status, complaints = 1, f"not done after {TIME_MAX_S} s\n" + (expired.stderr or b"").decode()
        output = (expired.stdout or b"").decode()
    proxy.close()
    told = [json.loads(line) for line in output.splitlines() if line.startswith('{"step":')]
    problems = []
    if status != 0:
        problems.append(f"the client's script failed: {complaints.strip()[-2000:]}")
    if len(told) != len(steps):
        problems.append(f"{len(told)} of {len(steps)} steps were taken")
    if proxy.calls_broken == 0:
        problems.append("nothing was broken on the way")
    if refused := {code: count for code, count in proxy.statuses.items() if code >= 300}:
        problems.append(f"the server refused: {refused}")
    print(f"{name:20} {fault:>4}  {proxy.calls_broken:3} calls broken  {time.monotonic() - began:5.1f} s")
    at = {it["step"]: it["at"] for it in told}
    sent = [{**step, "at": at[step["n"]]} for step in steps if step["n"] in at]
    return {"client": name, "fault": fault, "steps": sent}, problems


def set_aside(upstream):
    """What the server says of items it did not take, by its own count."""
    with urlopen(f"http://{upstream}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    counts = [it for it in lines if it.startswith("firsthand_ingest_items_total{")]
    if not any('outcome="accepted"' in it for it in counts):
        return ["the server counts nothing that it took"]
    rejected = [it for it in counts if 'outcome="rejected"' in it and float(it.split()[-1]) > 0]
    return [f"the server set something aside: {it}" for it in rejected]


def main(upstream, path, *names):
    runs = [(name, fault) for name in names for fault in CLIENTS[name].faults]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = list(pool.map(lambda run: tell(upstream, *run), runs))
    failed = False
    for (sent, problems), (name, fault) in zip(results, runs):
        for problem in problems:
            print(f"{name} through {fault}: {problem}", file=sys.stderr)
            failed = True
    for problem in set_aside(upstream):
        print(problem, file=sys.stderr)
        failed = True
    Path(path).write_text("".join(json.dumps(sent) + "\n" for sent, _ in results))
    return 1 if failed else 0


sys.exit(main(*sys.argv[1:]))
