"""What is sent: the project with its channels, and the messages.

    messages.py PORTS     prints the project's settings
"""

import base64
import json
import sys

SECRETS = ["whsec_" + base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2)]
# More than Slack takes: it is cut, not refused.
LONG = "x" * 5000

PROJECT = """
project: channels
url: https://leads.ours.example
sources:
  app: {{ key: a-write-key }}
channels:
  hook:
    webhook:
      url: http://127.0.0.1:{webhook}/hook
      secret: [{secrets}]
      events: lead.opened
      allow_private: true
  mail:
    email:
      smtp: smtp://127.0.0.1:{smtp}
      from: Ada of Ours <ada@ours.example>
      reply_to: sales@ours.example
  team:
    slack:
      token: xoxb-test
      channel: "#leads"
      base_url: http://127.0.0.1:{slack}/api
  room:
    slack:
      webhook: http://127.0.0.1:{slack}/hook/T0/B0/x
  crm:
    hubspot:
      token: pat-test
      base_url: http://127.0.0.1:{hubspot}
      read_every: 30s
      traits: {{ numberofemployees: employees }}
      contacts:
        new: true
        traits: {{ jobtitle: job }}
        properties: {{ pql_champion: champion, pql_last_seen: last_seen, pql_note: person.note }}
"""


def mail(to, **more):
    return {
        "kind": "email", "to": to, "name": "Zoë Müller", "reply_to": None,
        "subject": "8.140 von 10.000 Kontakten – Zeit für mehr?\r\nBcc: all@victims.example",
        "text": "Hallo Zoë,\n\n8.140 von 10.000.\n", "html": "<html><body><p>Hallo Zo&euml;</p></body></html>",
        "unsubscribes": None, **more,
    }


BLOCKS = [
    {"type": "header", "text": {"type": "plain_text", "text": "Acme " + LONG}},
    {"type": "section", "text": {"type": "mrkdwn", "text": "*8,140 of 10,000* contacts &amp; rising " + LONG},
     "fields": [{"type": "mrkdwn", "text": f"*Reason {number}*"} for number in range(12)]},
    {"type": "context", "elements": [{"type": "mrkdwn", "text": "free plan, 12 people"}]},
    {"type": "actions", "block_id": "lead_1", "elements": [
        {"type": "button", "action_id": "lead_accept", "style": "primary", "value": "lead_1",
         "text": {"type": "plain_text", "text": "Accept"}},
        {"type": "button", "action_id": "lead_snooze", "value": "lead_1", "text": {"type": "plain_text", "text": "Tomorrow"}},
        {"type": "static_select", "action_id": "lead_reject", "placeholder": {"type": "plain_text", "text": "Reject"},
         "options": [{"text": {"type": "plain_text", "text": "Too small"}, "value": "size"}]}]},
    *[{"type": "divider"}] * 60,
]


def slack(to):
    return {"kind": "slack", "to": to, "text": "Acme has qualified " + LONG, "blocks": json.dumps(BLOCKS)}


def crm(account, **more):
    properties = {"pql_score": "80", "pql_status": "open", "pql_reasons": "8,140 of 10,000 contacts",
                  "pql_qualified_at": "1772928000000"}
    return {"kind": "crm", "account": account, "company": None, "domain": None, "name": None,
            "properties": properties, "task": None, **more}


def person(name, contact=None, **properties):
    return {"person": name, "contact": contact, "email": f"{name}@kept.example",
            "properties": {"pql_champion": "false", "pql_last_seen": "1772928000000", **properties}}


def people(account, *people):
    return {"kind": "crm-people", "account": account, "people": people}


TASK = {"subject": "Call Acme", "body": "8,140 of 10,000 contacts", "due_at": 1772928000000000, "owner": "ann@ours.example"}

MESSAGES = [
    ("mail_user", "mail", mail("zoe@customer.example", unsubscribes="u1")),
    ("mail_rep", "mail", mail("ann@ours.example", reply_to="Zoë <zoe@customer.example>")),
    ("mail_nobody", "mail", mail("nobody@customer.example")),
    ("hook_1", "hook", {"kind": "webhook", "type": "lead.opened", "at": 1772928000000000,
                        "data": json.dumps({"lead": "lead_1", "account": "Ac\"me ü", "score": 80.5})}),
    ("slack_room", "team", slack({"channel": "#leads"})),
    ("slack_owner", "team", slack({"member": "ann@ours.example"})),
    ("slack_nobody", "team", slack({"member": "nobody@ours.example"})),
    ("slack_hook", "room", slack("webhook")),
    ("crm_acme", "crm", crm("acme", domain="acme.example", name="Acme", task=TASK)),
    # As if it had been sent before and that had not been written down: one task all the same.
    ("crm_acme_again", "crm", crm("acme", domain="acme.example", name="Acme", task=TASK)),
    ("crm_kept", "crm", crm("kept", domain="kept.example")),
    ("crm_new", "crm", crm("newcomer", domain="new.example", name="Newcomer")),
    ("crm_bad", "crm", crm("bad", domain="bad.example", name="Bad", properties={"not_there": "x"})),
    ("crm_none", "crm", crm("none")),
    ("crm_people", "crm", people("kept", person("zoe", pql_champion="true"), person("max", contact="404", pql_note="by us"),
                                 person("stranger"))),
    ("crm_bad_person", "crm", people("kept", person("mia", pql_champion="maybe"))),
]
# What becomes of those that are not sent.
DEAD = ["mail_nobody", "crm_bad", "crm_none", "crm_bad_person"]

if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as ports:
        print(PROJECT.format(secrets=", ".join(SECRETS), **json.load(ports)))
