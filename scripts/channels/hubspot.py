"""A test double of HubSpot's CRM: as much of it as is read and written, with its limits and refusals.

It is held against HubSpot's own client (portal.mjs), so that what satisfies it satisfies HubSpot.
"""

import itertools
import time
from datetime import datetime, timezone

PERSON = "CRM_UI"
PROGRAM = "INTEGRATION"
GROUPS = {"companies": "companyinformation", "contacts": "contactinformation"}
OWNERS = [
    {"id": "501", "email": "ann@ours.example", "firstName": "Ann", "lastName": "Lee", "archived": False},
    {"id": "502", "email": "bob@ours.example", "firstName": "Bob", "lastName": "Ray", "archived": False},
]
OWN_PROPERTIES = {
    "companies": ["domain", "name", "hubspot_owner_id", "lifecyclestage", "numberofemployees"],
    "contacts": ["email", "firstname", "jobtitle", "hubspot_owner_id", "lifecyclestage", "associatedcompanyid",
                 "hs_email_optout"],
}


def changed(kind):
    """The property that tells when an object was changed: of contacts it has a name of its own."""
    return "lastmodifieddate" if kind == "contacts" else "hs_lastmodifieddate"


def now():
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Refusal(Exception):
    def __init__(self, status, message, category="VALIDATION_ERROR", **more):
        self.status = status
        self.body = {"status": "error", "message": message, "category": category, "correlationId": "c1", **more}


class HubSpot:
    def __init__(self, token):
        self.token = token
        self.ids = itertools.count(1000)
        self.objects = {"companies": {}, "contacts": {}, "deals": {}, "tasks": {}}
        self.companies_of_deals = {}
        self.properties = {
            kind: {name: {"name": name, "type": "string"} for name in names} for kind, names in OWN_PROPERTIES.items()
        }
        self.calls = 0

    # What the portal holds before anybody calls.

    def add(self, kind, properties, by=PERSON):
        at = now()
        key = str(next(self.ids))
        properties = {"createdate": at, **properties, changed(kind): at, "hs_object_id": key}
        history = {
            name: [{"value": value, "timestamp": at, "sourceType": by, "sourceId": "x"}]
            for name, value in properties.items()
        }
        self.objects[kind][key] = {
            "id": key, "properties": properties, "history": history, "createdAt": at, "updatedAt": at, "archived": False,
        }
        return key

    def change(self, kind, key, properties, by=PERSON):
        found = self.objects[kind][key]
        at = now()
        for name, value in properties.items():
            found["properties"][name] = value
            found["history"].setdefault(name, []).insert(
                0, {"value": value, "timestamp": at, "sourceType": by, "sourceId": "x"}
            )
        found["properties"][changed(kind)] = found["updatedAt"] = at

    # Calls. An answer is a status, a body and headers.

    def call(self, method, path, query, token, body):
        self.calls += 1
        headers = {
            "X-HubSpot-RateLimit-Max": "190",
            "X-HubSpot-RateLimit-Remaining": "150",
            "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
        }
        if token != self.token:
            refusal = Refusal(401, "Authentication credentials not found.", "INVALID_AUTHENTICATION")
            return 401, refusal.body, headers
        # Now and then there were too many calls, whoever made them.
        if self.calls == 7:
            limited = {"status": "error", "message": "You have reached your secondly limit.", "errorType": "RATE_LIMIT",
                       "policyName": "SECONDLY", "correlationId": "c2"}
            return 429, limited, headers
        try:
            status, answer = self.answer(method, self.plain(path), query, body)
            return status, answer, headers
        except Refusal as refusal:
            return refusal.status, refusal.body, headers

    @staticmethod
    def plain(path):
        """The path's parts without version, whichever way it is written."""
        parts = path.strip("/").split("/")
        assert parts[0] == "crm", path
        versions = [part for part in parts if part in ("v3", "v4") or part[:4].isdigit() and part[4:5] == "-"]
        assert len(versions) == 1, path
        return tuple(part for part in parts[1:] if part not in versions)

    def answer(self, method, path, query, body):
        match (method, *path):
            case ("GET", "owners", *_):
                found = [it for it in OWNERS if query.get("email", it["email"]) == it["email"]]
                at = now()
                return 200, {"results": [{**it, "createdAt": at, "updatedAt": at, "type": "PERSON"} for it in found]}
            case ("GET", "properties", kind):
                return 200, {"results": [self.property(kind, it) for it in self.properties[kind].values()]}
            case ("POST", "properties", kind):
                if body["name"] in self.properties[kind]:
                    raise Refusal(409, f"A property named '{body['name']}' already exists.", "CONFLICT")
                if body["groupName"] != GROUPS[kind]:
                    raise Refusal(400, f"there is no property group {body['groupName']}")
                if body["type"] == "bool" and {it["value"] for it in body.get("options", [])} != {"true", "false"}:
                    raise Refusal(400, "a yes or no needs two options")
                self.properties[kind][body["name"]] = body
                return 201, self.property(kind, body)
            case ("POST", "objects", kind, "search"):
                return 200, self.search(kind, body)
            case ("POST", "objects", kind, "batch", "read"):
                if len(body["inputs"]) > (50 if body["propertiesWithHistory"] else 100):
                    raise Refusal(400, "too many inputs")
                if not body["inputs"]:
                    raise Refusal(400, "no inputs")
                found = {it["id"]: self.named(kind, body.get("idProperty"), it["id"]) for it in body["inputs"]}
                shown = [self.shown(kind, it, body["properties"], body["propertiesWithHistory"]) for it in found.values() if it]
                missing = [name for name, it in found.items() if not it]
                return self.batch(shown, [self.row_error("Could not get some objects", missing, "OBJECT_NOT_FOUND")] if missing else [])
            case ("POST", "objects", kind, "batch", "update"):
                return self.update(kind, body["inputs"])
            case ("POST", "objects", kind):
                self.check(kind, body["properties"])
                key = self.add(kind, body["properties"], PROGRAM)
                self.objects[kind][key]["to"] = [it["to"]["id"] for it in body.get("associations", [])]
                return 201, self.shown(kind, self.objects[kind][key], list(body["properties"]), [])
            case ("GET", "objects", kind, key):
                if key not in self.objects[kind]:
                    raise Refusal(404, "resource not found", "OBJECT_NOT_FOUND")
                names = query.get("properties", "").split(",")
                return 200, self.shown(kind, self.objects[kind][key], names, [])
            case ("POST", "associations", "companies", "tasks", "batch", "read"):
                return 200, {"status": "COMPLETE", "results": [
                    {"from": {"id": it["id"]}, "to": [
                        {"toObjectId": int(key), "associationTypes": [
                            {"category": "HUBSPOT_DEFINED", "typeId": 191, "label": None}]}
                        for key, task in self.objects["tasks"].items() if it["id"] in task.get("to", [])]}
                    for it in body["inputs"]], "startedAt": now(), "completedAt": now()}
            case ("POST", "associations", "deals", "companies", "batch", "read"):
                return 200, {"status": "COMPLETE", "results": [
                    {"from": {"id": it["id"]}, "to": [
                        {"toObjectId": int(company), "associationTypes": [
                            {"category": "HUBSPOT_DEFINED", "typeId": 5, "label": "Primary"}]}
                        for company in self.companies_of_deals.get(it["id"], [])]}
                    for it in body["inputs"]], "startedAt": now(), "completedAt": now()}
        raise Refusal(404, f"there is no {method} {'/'.join(path)}", "OBJECT_NOT_FOUND")

    def named(self, kind, by, name):
        """The object of an id, or of another property that no two share."""
        if by is None:
            return self.objects[kind].get(name)
        if (kind, by) != ("contacts", "email"):
            raise Refusal(400, f"{by} is no unique property of {kind}")
        return next((it for it in self.objects[kind].values() if it["properties"].get(by) == name.lower()), None)

    def property(self, kind, it):
        return {"label": it["name"], "fieldType": "text", "groupName": GROUPS[kind], "description": "", "options": [], **it}

    def shown(self, kind, it, names, with_history):
        always = ["createdate", changed(kind), "hs_object_id"]
        shown = {key: it[key] for key in ("id", "createdAt", "updatedAt", "archived")}
        shown["properties"] = {name: it["properties"].get(name) for name in [*names, *always]}
        if with_history:
            shown["propertiesWithHistory"] = {name: it["history"].get(name, []) for name in with_history}
        return shown

    def batch(self, results, errors):
        body = {"status": "COMPLETE", "results": results, "startedAt": now(), "completedAt": now()}
        if not errors:
            return 200, body
        return 207, {**body, "numErrors": len(errors), "errors": errors}

    def row_error(self, message, ids, category="VALIDATION_ERROR"):
        return {"status": "error", "category": category, "message": message, "context": {"ids": ids}, "errors": [], "links": {}}

    def check(self, kind, properties):
        for name, value in properties.items():
            if not isinstance(value, str):
                raise Refusal(400, f"Property {name} is not a text")
            if kind not in self.properties:
                continue
            known = self.properties[kind].get(name)
            if known is None:
                raise Refusal(400, f"Property values were not valid: Property \"{name}\" does not exist")
            if known["type"] == "number" and not value.replace(".", "", 1).lstrip("-").isdigit():
                raise Refusal(400, f"Property values were not valid: {value} was not a valid number")
            if known["type"] == "bool" and value not in ("true", "false"):
                raise Refusal(400, f"Property values were not valid: {value} was not one of the allowed options")

    def update(self, kind, inputs):
        if len(inputs) > 100:
            raise Refusal(400, "A batch takes 100 inputs")
        results, errors = [], []
        for it in inputs:
            try:
                if it["id"] not in self.objects[kind]:
                    raise Refusal(404, f"{it['id']} does not exist", "OBJECT_NOT_FOUND")
                self.check(kind, it["properties"])
                self.change(kind, it["id"], it["properties"], PROGRAM)
                results.append(self.shown(kind, self.objects[kind][it["id"]], list(it["properties"]), []))
            except Refusal as refusal:
                errors.append(self.row_error(refusal.body["message"], [it["id"]], refusal.body["category"]))
        return self.batch(results, errors)

    def search(self, kind, body):
        def value_of(it, name):
            if name == "associations.company":
                return (it.get("to") or [None])[0]
            return it["properties"].get(name)

        def instant(text):
            return int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)

        def fits(it, rule):
            value = value_of(it, rule["propertyName"])
            if value is None:
                return False
            if rule["operator"] == "EQ":
                return value == rule["value"]
            if rule["operator"] == "GTE":
                return instant(value) >= int(rule["value"])
            raise Refusal(400, f"there is no operator {rule['operator']}")

        if kind == "tasks":
            # What was made is found seconds later: whoever looks for it here makes it twice.
            raise Refusal(400, "tasks are not searched for")
        groups = body.get("filterGroups", [])
        found = [
            it for it in self.objects[kind].values()
            if not groups or any(all(fits(it, rule) for rule in group["filters"]) for group in groups)
        ]
        for order in body.get("sorts", []):
            found.sort(key=lambda it: it["properties"].get(order) or "")
        begin = int(body.get("after") or 0)
        limit = body.get("limit", 10)
        page = {"total": len(found), "results": [
            self.shown(kind, it, body.get("properties", []), []) for it in found[begin:begin + limit]]}
        if begin + limit < len(found):
            page["paging"] = {"next": {"after": str(begin + limit)}}
        return page
