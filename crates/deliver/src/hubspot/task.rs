//! Tasks for owners.
//!
//! `HubSpot` knows no key by which a task would be made once only. So it is looked for before it is
//! made: a task of the same company with the same subject and the same due time is the same task.

use firsthand_model::message::CrmTask;
use firsthand_model::{Text, Time};
use serde_json::{Value, json};

use super::api::{Result, TASKS};
use super::{HubSpot, KNOWN_MAX, Known, text_of};

/// The kind of association from a task to its company, the same in every portal.
const TASK_TO_COMPANY: u32 = 192;

impl HubSpot {
    /// Makes a task, unless it is there.
    pub(super) async fn ensure_task(
        &self,
        known: &mut Known,
        company: &Text,
        task: &CrmTask,
        now: Time,
    ) -> Result<()> {
        let found =
            self.api.post("objects", &format!("{TASKS}/search"), &same(company, task)).await?;
        if found["total"].as_u64().is_some_and(|it| it > 0) {
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

/// The search for a task that is there already.
fn same(company: &Text, task: &CrmTask) -> Value {
    let equals =
        |name: &str, value: &str| json!({ "propertyName": name, "operator": "EQ", "value": value });
    json!({
        "filterGroups": [{ "filters": [
            equals("associations.company", company),
            equals("hs_task_subject", &task.subject),
            equals("hs_timestamp", &millis(task.due_at)),
        ] }],
        "properties": ["hs_task_subject"],
        "sorts": ["hs_createdate"],
        "limit": 1,
        "after": "0",
    })
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
