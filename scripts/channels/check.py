"""Holds what was received against what was to be sent.

    check.py PORTS RECEIVED EXPORTED

Signatures are verified by the `standardwebhooks` library. Exit status: 1 if something differs.
"""

import json
import sys
from email.utils import parsedate_to_datetime
from urllib.request import urlopen

from standardwebhooks import Webhook

from messages import SECRETS

ports, received, exported = sys.argv[1:]
with open(received, encoding="utf-8") as lines:
    received = [json.loads(line) for line in lines]
with open(exported, encoding="utf-8") as lines:
    exported = [json.loads(line) for line in lines]
with open(ports, encoding="utf-8") as lines:
    ports = json.load(lines)
wrong = []


def check(so, what):
    if not so:
        wrong.append(what)


def of(kind):
    return [it for it in received if it["kind"] == kind]


# Mails, as a mail server got them.
mails = {it["to"][0]: it for it in of("mail")}
check(len(mails) == len(of("mail")) == 3, f"{len(of('mail'))} mails instead of 3")
for to, it in mails.items():
    headers = {name.lower(): value for name, value in it["headers"]}
    check(len(headers) == len(it["headers"]), f"{to}: a header is there twice")
    check("bcc" not in headers and it["to"] == [to], f"{to}: another header or reader was smuggled in")
    check(headers["from"] == "Ada of Ours <ada@ours.example>", f"{to}: from {headers['from']}")
    check("Zoë Müller" in headers["to"], f"{to}: to {headers['to']}")
    check(headers["subject"].startswith("8.140 von 10.000 Kontakten – Zeit"), f"{to}: subject {headers['subject']}")
    check(headers["message-id"].endswith("@ours.example>"), f"{to}: message id {headers['message-id']}")
    check(parsedate_to_datetime(headers["date"]).tzinfo is not None, f"{to}: date {headers['date']}")
    check(headers["mime-version"] == "1.0", f"{to}: {headers.get('mime-version')}")
    check("Hallo Zoë" in it["text"] and "Zo&euml;" in it["html"], f"{to}: text or HTML is missing")
user = {name.lower(): value for name, value in mails["zoe@customer.example"]["headers"]}
link = user.get("list-unsubscribe", "")
check(link.startswith("<https://leads.ours.example/unsubscribe/") and link.endswith(">"), f"list-unsubscribe: {link}")
check(user.get("list-unsubscribe-post") == "List-Unsubscribe=One-Click", "list-unsubscribe-post")
check(link.strip("<>") in mails["zoe@customer.example"]["text"], "the link is not in the text")
check(link.strip("<>") in mails["zoe@customer.example"]["html"], "the link is not in the HTML")
check(user["reply-to"] == "sales@ours.example", f"reply-to {user['reply-to']}")
rep = {name.lower(): value for name, value in mails["ann@ours.example"]["headers"]}
check("list-unsubscribe" not in rep, "a colleague is asked to unsubscribe")
check("zoe@customer.example" in rep["reply-to"], f"reply-to {rep['reply-to']}")

# The webhook, by its own library, with each of the secrets.
hooks = of("webhook")
check(len(hooks) == 1, f"{len(hooks)} webhooks instead of 1")
for it in hooks:
    headers = {name.lower(): value for name, value in it["headers"].items()}
    for secret in SECRETS:
        body = Webhook(secret).verify(it["body"], headers)
        check(body["type"] == "lead.opened" and body["data"]["account"] == 'Ac"me ü', f"the body {body}")
        check(body["timestamp"].startswith("2026-03-08T00:00:00"), f"the time {body['timestamp']}")
    check(headers["webhook-id"] == "hook_1", f"the id {headers['webhook-id']}")

# Slack: each channel once too soon, then taken; within its limits.
posts = [it for it in of("slack") if it["call"] == "chat.postMessage"]
check(sorted(it["body"]["channel"] for it in posts) == ["#leads"] * 3 + ["U0ANN", "U0ANN"],
      f"Slack got {[it['body']['channel'] for it in posts]}")
for it in of("slack"):
    body = it["body"]
    if body:
        check(len(body["blocks"]) == 50 and [len(it["fields"]) for it in body["blocks"] if "fields" in it] == [10], "too many blocks or fields")
        sections = [block for block in body["blocks"] if block["type"] == "section"]
        check(len(body["blocks"][0]["text"]["text"]) == 150, "a header that is too long")
        check(len(sections[0]["text"]["text"]) == 3000, "a section that is too long")
instead = [it["body"] for it in posts if it["body"]["text"].startswith("→")]
# Whichever comes to a room first comes too soon, and a second time.
check({(it["channel"], it["blocks"][1]["elements"][0]["text"]) for it in instead} == {("#leads", "→ nobody@ours.example")},
      f"what is for somebody whom nobody is: {instead}")
check(any(it["call"] == "x" for it in of("slack")), "the incoming webhook got nothing")

# HubSpot: what the portal holds now.
with urlopen(f"http://127.0.0.1:{ports['hubspot']}/portal") as answer:
    portal = json.load(answer)
companies = portal["objects"]["companies"]
by_account = {it["properties"].get("firsthand_account"): it["properties"] for it in companies.values()}
check(companies[portal["acme"]]["properties"].get("firsthand_account") == "acme", "Acme was not found by its domain")
check(by_account["acme"]["pql_score"] == "80", "the score of Acme")
check(by_account["kept"]["pql_status"] == "do not call", "what a person wrote was overwritten")
check(by_account["kept"]["pql_score"] == "80", "beside it nothing was written")
check(by_account.get("newcomer", {}).get("domain") == "new.example", "the new company was not made")
check("none" not in by_account, "a company was made of nothing")
check(portal["properties"]["companies"]["pql_score"]["type"] == "number", "the property of the score")
contacts = portal["objects"]["contacts"]
check(len(contacts) == 5, "a contact was made")
note = {name: contacts[portal[name]]["properties"] for name in ("zoe", "max", "mia")}
check(portal["properties"]["contacts"]["pql_champion"]["type"] == "bool", "the property of the champion")
check((note["zoe"]["pql_champion"], note["max"]["pql_champion"]) == ("true", "false"), f"the champion: {note}")
check(note["zoe"]["pql_last_seen"] == "1772928000000", f"when Zoe was last seen: {note['zoe']}")
check(note["max"]["pql_note"] == "by hand", "what a person wrote of Max was overwritten")
check("pql_last_seen" not in note["mia"], "a row that was refused was written")
tasks = list(portal["objects"]["tasks"].values())
check(len(tasks) == 1, f"{len(tasks)} tasks instead of 1")
check(tasks[0]["properties"]["hubspot_owner_id"] == "501" and tasks[0]["to"] == [portal["acme"]], "the task's owner or company")

# And what was read from it.
facts = [it for it in exported if it.get("source") == "crm"]
traits = {it["account"]: it["traits"] for it in facts if "traits" in it and it.get("account")}
check(traits.get("kept", {}).get("crm_owner") == "bob@ours.example", f"the owner that was read: {traits}")
check(traits.get("kept", {}).get("crm_stage") == "opportunity", f"the stage that was read: {traits}")
people = {it["person"]: it["traits"] for it in facts if "traits" in it and it.get("person")}
check(set(people) == {"zoe@kept.example", "mia@kept.example"}, f"the contacts that became people: {people}")
zoe, mia = people.get("zoe@kept.example", {}), people.get("mia@kept.example", {})
check((zoe.get("job"), zoe.get("crm_owner"), zoe.get("crm_stage")) == ("CTO", "ann@ours.example", "lead"), f"what was read of Zoe: {zoe}")
check((mia.get("crm_opt_out"), zoe.get("crm_opt_out")) == (True, None), f"who wants no mails: {mia}")
joined = {(it["person"], it["account"]) for it in facts if it.get("membership") == "joined"}
check(("mia@kept.example", "kept") in joined and ("zoe@kept.example", "kept") in joined, f"whose members they are: {joined}")
won = [it for it in facts if it.get("record") == "Deal won"]
check(len(won) == 1 and won[0]["account"] == "kept" and won[0]["properties"]["amount"] == 1500, f"the deal that was read: {won}")
changed = [it["properties"] for it in facts if it.get("record") == "Deal amount changed"]
check([(it["was"], it["amount"]) for it in changed] == [(1200, 1500)], f"how its amount changed: {changed}")

for it in wrong:
    print(f"wrong: {it}", file=sys.stderr)
print(f"{len(received)} calls and mails received, {len(wrong)} things wrong")
sys.exit(bool(wrong))
