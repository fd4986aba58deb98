"""Everybody that messages are sent to, on this machine: a mail server (aiosmtpd), Slack, HubSpot, a webhook.

    receivers.py PORTS RECEIVED

writes where they listen into the file PORTS, and what they receive into RECEIVED, one JSON object a line, until
its standard input ends.
"""

import json
import socket
import sys
import threading
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from aiosmtpd.controller import Controller

from hubspot import PROGRAM, HubSpot

lock = threading.Lock()


def keep(kind, **what):
    with lock, open(sys.argv[2], "a", encoding="utf-8") as received:
        received.write(json.dumps({"kind": kind, **what}) + "\n")


class Mails:
    async def handle_DATA(self, _server, _session, envelope):
        mail = message_from_bytes(envelope.content, policy=policy.default)
        keep(
            "mail",
            to=envelope.rcpt_tos,
            sender=envelope.mail_from,
            headers=[[name, str(value)] for name, value in mail.items()],
            text=mail.get_body(("plain",)).get_content(),
            html=mail.get_body(("html",)).get_content(),
        )
        if "nobody@customer.example" in envelope.rcpt_tos:
            return "550 5.1.1 <nobody@customer.example>: there is no such mailbox"
        return "250 2.0.0 taken"


def serve(answer):
    """A server on this machine; `answer` is told method, path, query, headers and body."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do(self):
            url = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, told, headers = answer(self.command, url.path, dict(parse_qsl(url.query)), self.headers, body)
            told = told.encode() if isinstance(told, str) else json.dumps(told).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers, "Content-Length": len(told)}.items():
                self.send_header(name, str(value))
            self.end_headers()
            self.wfile.write(told)

        do_GET = do_POST = do_PATCH = do

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


def webhook(_method, path, _query, headers, body):
    keep("webhook", path=path, headers=dict(headers.items()), body=body.decode())
    return 200, {}, {}


limited = set()


def slack(_method, path, query, headers, body):
    call = path.rsplit("/", 1)[-1]
    sent = json.loads(body) if body else None
    keep("slack", call=call, query=query, authorization=headers.get("Authorization"), body=sent)
    if path.startswith("/hook"):
        return 200, "ok", {"Content-Type": "text/plain"}
    if headers.get("Authorization") != "Bearer xoxb-test":
        return 200, {"ok": False, "error": "invalid_auth"}, {}
    if call == "users.lookupByEmail":
        if query["email"] == "ann@ours.example":
            return 200, {"ok": True, "user": {"id": "U0ANN"}}, {}
        return 200, {"ok": False, "error": "users_not_found"}, {}
    # The first call to a channel comes too soon.
    if sent["channel"] not in limited:
        limited.add(sent["channel"])
        return 429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "1"}
    return 200, {"ok": True, "channel": sent["channel"], "ts": "1.2", "message": {"text": sent["text"]}}, {}


portal = HubSpot("pat-test")
acme = portal.add("companies", {"domain": "acme.example", "name": "Acme", "hubspot_owner_id": "501", "lifecyclestage": "lead"})
kept = portal.add("companies", {"domain": "kept.example", "name": "Kept", "hubspot_owner_id": "502", "lifecyclestage": "opportunity",
                                "firsthand_account": "kept"})
portal.properties["companies"]["pql_status"] = {"name": "pql_status", "type": "string"}
portal.change("companies", kept, {"pql_status": "do not call"})
# People: one who is known here, one whose note a person wrote, one who is known nowhere else, a machine, and nobody.
zoe = portal.add("contacts", {"email": "zoe@kept.example", "jobtitle": "CTO", "hubspot_owner_id": "501", "lifecyclestage": "lead",
                              "associatedcompanyid": kept})
portal.properties["contacts"]["pql_note"] = {"name": "pql_note", "type": "string"}
max_ = portal.add("contacts", {"email": "max@kept.example", "pql_note": "by hand"})
mia = portal.add("contacts", {"email": "mia@kept.example", "associatedcompanyid": acme})
portal.change("contacts", mia, {"associatedcompanyid": kept, "hs_email_optout": "true"})
portal.add("contacts", {"email": "noreply@kept.example", "associatedcompanyid": kept})
portal.add("contacts", {"firstname": "Nobody", "associatedcompanyid": kept})
deal = portal.add("deals", {"amount": "1200", "deal_currency_code": "EUR", "dealstage": "closedwon", "pipeline": "default",
                            "hs_is_closed_won": "true"})
portal.companies_of_deals[deal] = [kept]
portal.change("deals", deal, {"amount": "1500"})


def hubspot(method, path, query, headers, body):
    sent = json.loads(body) if body else None
    token = (headers.get("Authorization") or "").removeprefix("Bearer ")
    if path == "/portal":
        return 200, {"acme": acme, "kept": kept, "zoe": zoe, "max": max_, "mia": mia, "objects": portal.objects, "properties": portal.properties}, {}
    with lock:
        status, told, more = portal.call(method, path, query, token, sent)
    # Only our own calls are kept: HubSpot's client proves the double, it need not be proved.
    if "Firsthand" in (headers.get("User-Agent") or ""):
        keep("hubspot", method=method, path=path, query=query, body=sent, status=status)
    return status, told, more


# Its controller wants to know the port beforehand.
with socket.create_server(("127.0.0.1", 0)) as free:
    smtp = free.getsockname()[1]
mails = Controller(Mails(), hostname="127.0.0.1", port=smtp)
mails.start()
ports = {
    "smtp": smtp,
    "webhook": serve(webhook),
    "slack": serve(slack),
    "hubspot": serve(hubspot),
}
open(sys.argv[2], "w", encoding="utf-8").close()
with open(sys.argv[1], "w", encoding="utf-8") as out:
    json.dump(ports, out)
sys.stdin.read()
mails.stop()
