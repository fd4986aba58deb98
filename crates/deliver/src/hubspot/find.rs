//! Finds the company of an account, or makes it; and makes the properties that we write.

use firsthand_model::Text;
use firsthand_model::message::CrmWrite;
use serde_json::{Value, json};

use super::api::{ApiError, COMPANIES, Result};
use super::write::Objects;
use super::{ACCOUNT_PROPERTY, HubSpot, KNOWN_MAX, Known, PropertyKind, items, text_of};

impl HubSpot {
    /// The company of an account: as told, as remembered, by our property, by domain, or a new one.
    /// A search shows what was made only seconds later; so what was made is remembered.
    pub(super) async fn company_of(&self, known: &mut Known, write: &CrmWrite) -> Result<Text> {
        if let Some(company) = &write.company {
            return Ok(company.clone());
        }
        if let Some(company) = known.companies.get(&write.account) {
            return Ok(company.clone());
        }
        let company = match self.search(write).await? {
            Some(company) => company,
            None => self.create(write).await?,
        };
        if known.companies.len() >= KNOWN_MAX {
            known.companies.clear();
        }
        known.companies.insert(write.account.clone(), company.clone());
        Ok(company)
    }

    async fn search(&self, write: &CrmWrite) -> Result<Option<Text>> {
        let equals = |name: &str, value: &Text| json!({ "filters": [{ "propertyName": name, "operator": "EQ", "value": value }] });
        let mut groups = vec![equals(ACCOUNT_PROPERTY, &write.account)];
        groups.extend(write.domain.as_ref().map(|it| equals("domain", it)));
        let body = json!({
            "filterGroups": groups,
            "properties": [ACCOUNT_PROPERTY, "domain"],
            "sorts": ["createdate"],
            "limit": 20,
            "after": "0",
        });
        let found = self.api.post("objects", &format!("{COMPANIES}/search"), &body).await?;
        Ok(choose(items(&found), &write.account))
    }

    async fn create(&self, write: &CrmWrite) -> Result<Text> {
        if write.domain.is_none() && write.name.is_none() {
            return Err(ApiError::Impossible(
                "no company is known for the account, and it has neither domain nor name to make one",
            ));
        }
        let mut properties = json!({ ACCOUNT_PROPERTY: write.account });
        for (name, value) in [("domain", &write.domain), ("name", &write.name)] {
            if let Some(value) = value {
                properties[name] = json!(value);
            }
        }
        let body = json!({ "properties": properties, "associations": [] });
        let made = self.api.post("objects", COMPANIES, &body).await?;
        text_of(&made["id"]).ok_or(ApiError::Impossible("the company that was made has no id"))
    }

    /// Makes the properties that are to be written and do not exist.
    pub(super) async fn ensure_properties(
        &self,
        known: &mut Known,
        objects: Objects,
        mut wanted: Vec<Text>,
    ) -> Result<()> {
        let there = known.properties.entry(objects).or_default();
        wanted.sort();
        wanted.dedup();
        wanted.retain(|it| !there.contains(it));
        if wanted.is_empty() {
            return Ok(());
        }
        let told = self.api.get("properties", objects.path(), &[]).await?;
        *there = items(&told).iter().filter_map(|it| text_of(&it["name"])).collect();
        wanted.retain(|it| !there.contains(it));
        for name in wanted {
            let Some(kind) = self.settings.kind_of(objects, &name) else {
                // Not one of ours: the row that wants it will be refused, with its name.
                continue;
            };
            let body = property(&name, kind, objects.group());
            match self.api.post("properties", objects.path(), &body).await {
                // Somebody else has made it meanwhile.
                Ok(_) | Err(ApiError::Refused { status: 409, .. }) => there.push(name),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// The company that carries the account's id, else the oldest that carries no other's.
fn choose(found: &[Value], account: &str) -> Option<Text> {
    let carries = |it: &&Value| text_of(&it["properties"][ACCOUNT_PROPERTY]);
    let ours = found.iter().find(|it| carries(it).is_some_and(|it| it == account));
    let free = || found.iter().find(|it| carries(it).is_none());
    text_of(&ours.or_else(free)?["id"])
}

/// The body that makes a property.
fn property(name: &str, kind: PropertyKind, group: &str) -> Value {
    let (of, field) = match kind {
        PropertyKind::Text => ("string", "text"),
        PropertyKind::Number => ("number", "number"),
        PropertyKind::Instant => ("datetime", "date"),
        PropertyKind::YesNo => ("bool", "booleancheckbox"),
    };
    let option = |label: &str, value: &str, order: u32| json!({ "label": label, "value": value, "displayOrder": order, "hidden": false });
    let label = name.replace('_', " ");
    let mut property = json!({
        "name": name,
        "label": label,
        "type": of,
        "fieldType": field,
        "groupName": group,
        "description": "Written by Firsthand",
    });
    if kind == PropertyKind::YesNo {
        property["options"] = json!([option("Yes", "true", 0), option("No", "false", 1)]);
    }
    property
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_company_that_belongs_to_another_account_is_never_taken() {
        let company = |id: &str, account: Value| json!({ "id": id, "properties": { ACCOUNT_PROPERTY: account, "domain": "acme.com" } });
        let (other, free) = (company("1", json!("other")), company("2", Value::Null));
        let ours = company("3", json!("acme"));
        assert_eq!(choose(&[other.clone(), free.clone(), ours], "acme").as_deref(), Some("3"));
        assert_eq!(choose(&[other.clone(), free], "acme").as_deref(), Some("2"));
        assert_eq!(choose(&[other], "acme"), None);
    }
}
