"""Writes every body that was sent to HubSpot and Slack as TypeScript, declared as the vendors' own type for it: a
missing, mistyped or unknown key does not compile.

    bodies.py RECEIVED > bodies.ts
"""

import json
import re
import sys

HEAD = """
import type { ChatPostMessageArguments } from "@slack/web-api";
import type { KnownBlock } from "@slack/types";
import type * as companies from "@hubspot/api-client/lib/codegen/crm/companies/index.js";
import type * as contacts from "@hubspot/api-client/lib/codegen/crm/contacts/index.js";
import type * as tasks from "@hubspot/api-client/lib/codegen/crm/objects/tasks/index.js";
import type * as deals from "@hubspot/api-client/lib/codegen/crm/deals/index.js";
import type * as properties from "@hubspot/api-client/lib/codegen/crm/properties/index.js";
import type * as associations from "@hubspot/api-client/lib/codegen/crm/associations/v4/index.js";

// Words of a list are texts on the wire.
type Wire<T> = T extends string ? `${T}` : T extends Date ? string : T extends (infer U)[] ? Wire<U>[]
    : T extends object ? { [K in keyof T]: Wire<T[K]> } : T;
type Hook = { text: string; blocks: KnownBlock[] };
"""

HUBSPOT = [
    (r"/objects/companies/search$", "companies.PublicObjectSearchRequest"),
    (r"/objects/tasks/batch/read$", "tasks.BatchReadInputSimplePublicObjectId"),
    (r"/objects/deals/search$", "deals.PublicObjectSearchRequest"),
    (r"/objects/companies/batch/read$", "companies.BatchReadInputSimplePublicObjectId"),
    (r"/objects/deals/batch/read$", "deals.BatchReadInputSimplePublicObjectId"),
    (r"/objects/companies/batch/update$", "companies.BatchInputSimplePublicObjectBatchInput"),
    (r"/objects/contacts/search$", "contacts.PublicObjectSearchRequest"),
    (r"/objects/contacts/batch/read$", "contacts.BatchReadInputSimplePublicObjectId"),
    (r"/objects/contacts/batch/update$", "contacts.BatchInputSimplePublicObjectBatchInput"),
    (r"/objects/companies$", "companies.SimplePublicObjectInputForCreate"),
    (r"/objects/tasks$", "tasks.SimplePublicObjectInputForCreate"),
    (r"/properties/(companies|contacts)$", "properties.PropertyCreate"),
    (r"/associations/companies/tasks/batch/read$", "associations.BatchInputPublicFetchAssociationsBatchRequest"),
    (r"/associations/deals/companies/batch/read$", "associations.BatchInputPublicFetchAssociationsBatchRequest"),
]

print(HEAD)
seen = set()
with open(sys.argv[1], encoding="utf-8") as lines:
    for number, it in enumerate(map(json.loads, lines)):
        body = it.get("body")
        if it["kind"] == "hubspot" and body is not None:
            kind = next(kind for path, kind in HUBSPOT if re.search(path, it["path"]))
            seen.add(kind)
            print(f"export const body{number}: Wire<{kind}> = {json.dumps(body)};")
        if it["kind"] == "slack" and body is not None:
            kind = "ChatPostMessageArguments" if it["call"] == "chat.postMessage" else "Hook"
            seen.add(kind)
            # The argument's own type takes any block; the blocks by themselves are held against the known ones.
            print(f"export const body{number}: {kind} = {json.dumps(body)};")
            print(f"export const blocks{number}: KnownBlock[] = {json.dumps(body['blocks'])};")
missing = {kind for _, kind in HUBSPOT} | {"ChatPostMessageArguments", "Hook"}
if missing - seen:
    sys.exit(f"nothing was sent of {missing - seen}")
