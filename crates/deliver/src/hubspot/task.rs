//! Tasks for owners.
//!
//! `HubSpot` knows no key by which a task would be made once only. So it is looked for before it is
//! made: a task of the same company with the same subject and the same due time is the same task.
//! It is looked for among the company's tasks, not by a search: a search shows what was made only
//! seconds later, and who died meanwhile would make it twice.

use std::cmp::Reverse;

use firsthand_model::message::CrmTask;
use firsthand_model::{Text, Time};
use serde_json::{Value, json};

use super::api::{COMPANIES, Result, TASKS};
use super::write::same;
use super::{HubSpot, KNOWN_MAX, Known, PropertyKind, items, list, text_of};

/// The kind of association from a task to its company, the same in every portal.
const TASK_TO_COMPANY: u32 = 192;
/// Most tasks of a company that are looked through, the newest first: as many as one call reads.
const TASKS_READ_MAX: usize = 100;

impl HubSpot {
    /// Makes a task, unless it is there.
    pub(super) async fn ensure_task(
        &self,
        known: &mut Known,
        company: &Text,
        task: &CrmTask,
        now: Time,
    ) -> Result<()> {
        if self.is_there(company, task).await? {
            return Ok(());
        }
        let owner = match &task.owner {
            Some(address) => self.owner(known, address).await?,
            None => None,
        };
        let body = body(company, task, owner.as_ref(), now);
        self.api.post("objects", TASKS, &body).await?;
        Ok(())
    }

    /// Whether a company has the same task.
    async fn is_there(&self, company: &Text, task: &CrmTask) -> Result<bool> {
        let inputs = json!({ "inputs": [{ "id": company }] });
        let path = format!("{COMPANIES}/{TASKS}/batch/read");
        let of_company = newest(&self.api.post("associations", &path, &inputs).await?);
        if of_company.is_empty() {
            return Ok(false);
        }
        let inputs: Vec<Value> =
            of_company.iter().map(|it| json!({ "id": it.to_string() })).collect();
        let body = json!({
            "inputs": inputs,
            "properties": ["hs_task_subject", "hs_timestamp"],
            "propertiesWithHistory": [],
        });
        let found = self.api.post("objects", &format!("{TASKS}/batch/read"), &body).await?;
        let due = millis(task.due_at);
        Ok(items(&found).iter().any(|it| {
            let of = |name: &str| it["properties"][name].as_str().unwrap_or_default();
            of("hs_task_subject") == task.subject
                && same(PropertyKind::Instant, of("hs_timestamp"), &due)
        }))
    }

    /// The owner with an address.
    async fn owner(&self, known: &mut Known, address: &Text) -> Result<Option<Text>> {
        if let Some(owner) = known.owners.get(address) {
            return Ok(owner.clone());
        }
        let query = [("email", address.as_str()), ("limit", "1")];
        let found = self.api.get("owners", "", &query).await?;
        let owner = text_of(&found["results"][0]["id"]);
        if known.owners.len() >= KNOWN_MAX {
            known.owners.clear();
        }
        known.owners.insert(address.clone(), owner.clone());
        Ok(owner)
    }
}

/// The newest tasks of an answer that tells a company's, by their ids.
fn newest(told: &Value) -> Vec<u64> {
    let to = items(told).iter().flat_map(|it| list(&it["to"]));
    let id = |it: &Value| {
        let id = &it["toObjectId"];
        id.as_u64().or_else(|| id.as_str()?.parse().ok())
    };
    let mut ids: Vec<u64> = to.filter_map(id).collect();
    ids.sort_unstable_by_key(|it| Reverse(*it));
    ids.dedup();
    ids.truncate(TASKS_READ_MAX);
    ids
}

/// The body that makes a task.
fn body(company: &Text, task: &CrmTask, owner: Option<&Text>, now: Time) -> Value {
    let mut properties = json!({
        "hs_timestamp": millis(task.due_at),
        "hs_task_subject": task.subject,
        "hs_task_body": task.body,
        "hs_task_status": "NOT_STARTED",
        "hs_task_priority": if task.due_at <= now { "HIGH" } else { "MEDIUM" },
        "hs_task_type": "TODO",
    });
    if let Some(owner) = owner {
        properties["hubspot_owner_id"] = json!(owner);
    }
    json!({
        "properties": properties,
        "associations": [{
            "to": { "id": company },
            "types": [{
                "associationCategory": "HUBSPOT_DEFINED",
                "associationTypeId": TASK_TO_COMPANY,
            }],
        }],
    })
}

fn millis(at: Time) -> String {
    (at.micros() / 1_000).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_tasks_of_a_company_are_looked_through() {
        let to: Vec<Value> = (1..=250).map(|it| json!({ "toObjectId": it })).collect();
        let told = json!({ "results": [
            { "from": { "id": "7" }, "to": to },
            { "from": { "id": "7" }, "to": [{ "toObjectId": "900" }, { "toObjectId": 250 }] },
        ] });
        let found = newest(&told);
        assert_eq!((found.len(), found[0], found[1]), (TASKS_READ_MAX, 900, 250));
        assert_eq!(newest(&json!({ "status": "COMPLETE" })), [] as [u64; 0]);
    }
}
