"""Stands before the server and breaks the first attempt of every call, in one of three ways.

    503     answered with 503, and the server never hears of it
    429     the same with 429
    lost    the server takes it and answers, and the answer never arrives

A call is known by the ids of its messages, for clients change other bytes when they send it again.
"""

import gzip
import http.client
import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FAULTS = ("503", "429", "lost")
# What the vendors call the id of a message.
MESSAGE_ID = re.compile(rb'"(?:messageId|uuid)"\s*:\s*"([^"]+)"')


class Proxy(ThreadingHTTPServer):
    """Runs until `close`; `url` is where."""

    daemon_threads = True

    def __init__(self, upstream, fault):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.upstream, self.fault = upstream, fault
        self.broken, self.answered = set(), set()
        self.calls_broken, self.statuses = 0, {}
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def breaks(self, ids):
        """Whether this is the first attempt of these messages, which may come again in other company."""
        if not ids:
            return False
        with self.lock:
            is_first = ids.isdisjoint(self.broken)
            if is_first:
                self.broken |= ids
                self.calls_broken += 1
        return is_first

    def handle_error(self, request, client_address):
        # A client that has ended, or a page that was closed, takes no answer.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def close(self):
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        proxy, body = self.server, self.body()
        plain = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
        ids = frozenset(MESSAGE_ID.findall(plain))
        breaks = proxy.breaks(ids)
        if breaks and proxy.fault != "lost":
            self.refuse(int(proxy.fault))
            return
        answer, text = self.ask(body)
        with proxy.lock:
            proxy.statuses[answer.status] = proxy.statuses.get(answer.status, 0) + 1
            if answer.status < 300 and not breaks:
                proxy.answered |= ids
        if breaks:
            self.close_connection = True
            return
        self.tell(answer.status, answer.getheaders(), text)

    def do_GET(self):
        if self.path == "/-/answered":
            # How many messages the client was told are taken, for clients that do not tell it themselves.
            self.tell(200, [("Content-Type", "application/json")], str(len(self.server.answered)).encode())
            return
        answer, text = self.ask(None)
        self.tell(answer.status, answer.getheaders(), text)

    do_OPTIONS = do_GET

    def body(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def ask(self, body):
        upstream = http.client.HTTPConnection(self.server.upstream, timeout=30)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in PER_HOP}
        upstream.request(self.command, self.path, body, headers)
        answer = upstream.getresponse()
        text = answer.read()
        upstream.close()
        return answer, text

    def refuse(self, status):
        # A page may read the answer only with these; a balancer in front of the server has them too.
        origin = self.headers.get("Origin")
        allowed = [
            ("Access-Control-Allow-Origin", origin),
            ("Access-Control-Allow-Credentials", "true"),
            ("Access-Control-Expose-Headers", "Retry-After"),
        ]
        self.tell(status, [("Retry-After", "1")] + (allowed if origin else []), b"")

    def tell(self, status, headers, text):
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in PER_HOP:
                self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format, *args):
        pass


# Said anew on either side of the proxy.
PER_HOP = {"connection", "content-length", "keep-alive", "transfer-encoding"}
