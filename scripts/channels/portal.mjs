// HubSpot's own client reads and writes the test double: what it takes for HubSpot is HubSpot enough.
//
//     node portal.mjs PORT
import { Client } from "@hubspot/api-client";
import assert from "node:assert/strict";

const client = new Client({ accessToken: "pat-test", basePath: `http://127.0.0.1:${process.argv[2]}`, numberOfApiCallRetries: 3 });
const { companies, properties, owners, deals } = client.crm;

const there = await properties.coreApi.getAll("companies");
assert.ok(there.results.some((it) => it.name === "domain"));
const property = { name: "proof", label: "proof", type: "string", fieldType: "text", groupName: "companyinformation" };
await properties.coreApi.create("companies", property);
await assert.rejects(properties.coreApi.create("companies", property), (it) => it.code === 409);

const made = await companies.basicApi.create({ properties: { domain: "proof.example", proof: "1" }, associations: [] });
const search = { filterGroups: [{ filters: [{ propertyName: "domain", operator: "EQ", value: "proof.example" }] }],
    properties: ["domain", "proof"], sorts: ["createdate"], limit: 10, after: "0" };
const found = await companies.searchApi.doSearch(search);
assert.equal(found.total, 1);
assert.equal(found.results[0].id, made.id);
assert.ok(found.results[0].updatedAt instanceof Date);

const updated = await companies.batchApi.update({ inputs: [
    { id: made.id, properties: { proof: "2" } },
    { id: "404", properties: { proof: "2" } },
] });
assert.equal(updated.results.length, 1);
assert.equal(updated.numErrors, 1);
assert.deepEqual(updated.errors[0].context.ids, ["404"]);

const read = await companies.batchApi.read({ inputs: [{ id: made.id }], properties: ["proof"], propertiesWithHistory: ["proof"] });
assert.equal(read.results[0].properties.proof, "2");
assert.deepEqual(read.results[0].propertiesWithHistory.proof.map((it) => [it.value, it.sourceType]),
    [["2", "INTEGRATION"], ["1", "INTEGRATION"]]);

const { contacts } = client.crm;
const yes = { name: "proven", label: "proven", type: "bool", fieldType: "booleancheckbox", groupName: "contactinformation",
    options: [["Yes", "true"], ["No", "false"]].map(([label, value], at) => ({ label, value, displayOrder: at, hidden: false })) };
assert.equal((await properties.coreApi.create("contacts", yes)).name, "proven");
const person = await contacts.basicApi.create({ properties: { email: "proof@proof.example" }, associations: [] });
const byAddress = await contacts.batchApi.read({ inputs: [{ id: "proof@proof.example" }, { id: "x@proof.example" }],
    idProperty: "email", properties: ["email"], propertiesWithHistory: ["email"] });
assert.deepEqual(byAddress.results.map((it) => it.id), [person.id]);
assert.equal(byAddress.numErrors, 1);
const marked = await contacts.batchApi.update({ inputs: [
    { id: person.id, properties: { proven: "true" } }, { id: byAddress.results[0].id, properties: { proven: "perhaps" } }] });
assert.deepEqual([marked.results.length, marked.numErrors], [1, 1]);
const lately = await contacts.searchApi.doSearch({ filterGroups: [{ filters: [
    { propertyName: "lastmodifieddate", operator: "GTE", value: String(person.updatedAt.getTime()) }] }],
    properties: ["email", "lastmodifieddate"], sorts: ["lastmodifieddate"], limit: 10, after: "0" });
assert.ok(lately.results.some((it) => it.id === person.id && it.properties.lastmodifieddate));

const task = await client.crm.objects.tasks.basicApi.create({
    properties: { hs_timestamp: "1772928000000", hs_task_subject: "proof" },
    associations: [{ to: { id: made.id }, types: [{ associationCategory: "HUBSPOT_DEFINED", associationTypeId: 192 }] }],
});
assert.ok(task.id);
const tasksOf = await client.crm.associations.v4.batchApi.getPage("companies", "tasks", { inputs: [{ id: made.id }] });
assert.equal(String(tasksOf.results[0].to[0].toObjectId), task.id);
const again = await client.crm.objects.tasks.batchApi.read({ inputs: [{ id: task.id }], properties: ["hs_task_subject"], propertiesWithHistory: [] });
assert.equal(again.results[0].properties.hs_task_subject, "proof");
const ann = await owners.ownersApi.getPage("ann@ours.example", undefined, 1);
assert.equal(ann.results[0].id, "501");
const won = await deals.searchApi.doSearch({ filterGroups: [], properties: ["dealstage"], sorts: [], limit: 10, after: "0" });
assert.equal(won.results[0].properties.dealstage, "closedwon");
const of = await client.crm.associations.v4.batchApi.getPage("deals", "companies", { inputs: [{ id: won.results[0].id }] });
assert.equal(of.results[0].to.length, 1);
await assert.rejects(new Client({ accessToken: "wrong", basePath: client.config?.basePath ?? `http://127.0.0.1:${process.argv[2]}` })
    .crm.companies.basicApi.getById(made.id), (it) => it.code === 401);
console.log("HubSpot's own client is content with the double");
