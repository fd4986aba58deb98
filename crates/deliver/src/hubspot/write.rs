//! Writes properties: only what differs, and nothing over what a person set (unless told so).

use std::collections::BTreeMap;

use firsthand_model::Text;
use firsthand_model::Time;
use serde_json::{Value, json};

use super::api::{COMPANIES, CONTACTS, Result};
use super::{
    ACCOUNT_PROPERTY, BATCH_MAX, HubSpot, HubSpotSettings, Overwrite, PropertyKind, Row, items,
    list, text_of,
};
use crate::{Outcome, mask};

/// Most objects that one call writes.
const WRITTEN_MAX: usize = 100;

/// What an object is to have: by property.
pub(super) type Wanted = BTreeMap<Text, String>;

/// The names that were written of each object, or why not, by its id.
pub(super) type Written = BTreeMap<Text, Result<Vec<Text>, Outcome>>;

/// A kind of objects whose properties are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Objects {
    Companies,
    Contacts,
}

impl Objects {
    /// The word of the API.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Companies => COMPANIES,
            Self::Contacts => CONTACTS,
        }
    }

    /// One of them, in words.
    pub const fn one(self) -> &'static str {
        match self {
            Self::Companies => "company",
            Self::Contacts => "contact",
        }
    }

    /// The group in which the portal shows properties of ours.
    pub const fn group(self) -> &'static str {
        match self {
            Self::Companies => "companyinformation",
            Self::Contacts => "contactinformation",
        }
    }
}

impl HubSpotSettings {
    /// What a property of ours holds; `None` where it is none of ours.
    pub(super) fn kind_of(&self, objects: Objects, name: &str) -> Option<PropertyKind> {
        let (of, own) = match objects {
            Objects::Companies => (&self.properties, name == ACCOUNT_PROPERTY),
            Objects::Contacts => (&self.contact_properties, false),
        };
        of.get(name).copied().or(own.then_some(PropertyKind::Text))
    }
}

impl HubSpot {
    /// Writes the rows whose company is known, in one call; each row that is refused says why.
    pub(super) async fn write_properties(&self, rows: &mut [Row<'_>]) {
        // Several messages may be about one company: the last word on a property counts.
        let mut wanted = BTreeMap::<Text, Wanted>::new();
        for row in rows.iter().filter(|it| it.outcome.is_none()) {
            let Some(company) = &row.company else { continue };
            let of_company = wanted.entry(company.clone()).or_default();
            of_company.insert(Text::new_static(ACCOUNT_PROPERTY), row.write.account.to_string());
            of_company.extend(row.write.properties.clone());
        }
        if wanted.is_empty() {
            return;
        }
        let written = match self.write_companies(wanted).await {
            Ok(written) => written,
            Err(error) => {
                let outcome = error.outcome();
                rows.iter_mut().filter(|it| it.outcome.is_none()).for_each(|it| {
                    it.outcome = Some(outcome.clone());
                });
                return;
            }
        };
        for row in rows.iter_mut().filter(|it| it.outcome.is_none()) {
            match row.company.as_ref().and_then(|it| written.get(it)) {
                Some(Ok(names)) => {
                    row.written = names
                        .iter()
                        .filter(|it| row.write.properties.contains_key(*it))
                        .cloned()
                        .collect();
                }
                Some(Err(outcome)) => row.outcome = Some(outcome.clone()),
                None => {}
            }
        }
    }

    async fn write_companies(&self, wanted: BTreeMap<Text, Wanted>) -> Result<Written> {
        let ids: Vec<&Text> = wanted.keys().collect();
        let there = self.read(Objects::Companies, "id", &ids, &names(wanted.values())).await?;
        let there = there.into_iter().filter_map(|it| Some((text_of(&it["id"])?, it))).collect();
        self.write_changed(Objects::Companies, wanted, &there).await
    }

    /// Writes what differs of objects from what they have.
    pub(super) async fn write_changed(
        &self,
        objects: Objects,
        wanted: BTreeMap<Text, Wanted>,
        there: &BTreeMap<Text, Value>,
    ) -> Result<Written> {
        let mut done = BTreeMap::new();
        let mut inputs = Vec::new();
        for (id, wanted) in wanted {
            let Some(is) = there.get(&id) else {
                let reason = format!("HubSpot has no {} {id}", objects.one());
                done.insert(id, Err(Outcome::Dead(reason)));
                continue;
            };
            let changed = self.changed(objects, &wanted, is);
            if !changed.is_empty() {
                inputs.push(json!({ "id": id, "properties": changed }));
            }
            done.insert(id, Ok(changed.into_keys().collect()));
        }
        let path = format!("{}/batch/update", objects.path());
        for inputs in inputs.chunks(WRITTEN_MAX) {
            let told = self.api.post("objects", &path, &json!({ "inputs": inputs })).await?;
            for error in list(&told["errors"]) {
                let outcome = refused(error);
                for id in list(&error["context"]["ids"]).iter().filter_map(text_of) {
                    done.insert(id, Err(outcome.clone()));
                }
            }
        }
        Ok(done)
    }

    /// What objects have now, with who wrote it. They are named by their ids, or by another
    /// property that no two of them share.
    pub(super) async fn read(
        &self,
        objects: Objects,
        by: &str,
        values: &[&Text],
        names: &[Text],
    ) -> Result<Vec<Value>> {
        let path = format!("{}/batch/read", objects.path());
        let mut there = Vec::new();
        for values in values.chunks(BATCH_MAX) {
            let inputs: Vec<Value> = values.iter().map(|it| json!({ "id": it })).collect();
            let mut body = json!({
                "inputs": inputs,
                "properties": names,
                "propertiesWithHistory": names,
            });
            if by != "id" {
                body["idProperty"] = json!(by);
            }
            let told = self.api.post("objects", &path, &body).await?;
            there.extend_from_slice(items(&told));
        }
        Ok(there)
    }

    /// What is to be written of what is wanted.
    fn changed(&self, objects: Objects, wanted: &Wanted, is: &Value) -> Wanted {
        let may_write = |name: &Text, value: &String| {
            let now = is["properties"][name.as_str()].as_str().unwrap_or_default();
            let kind = self.settings.kind_of(objects, name).unwrap_or(PropertyKind::Text);
            if same(kind, now, value) {
                return false;
            }
            // Whose company it is, is for us to say.
            now.is_empty()
                || objects == Objects::Companies && name == ACCOUNT_PROPERTY
                || match self.settings.overwrite {
                    Overwrite::Always => true,
                    Overwrite::Empty => false,
                    Overwrite::Ours => !by_a_person(&is["propertiesWithHistory"][name.as_str()]),
                }
        };
        let changed = wanted.iter().filter(|(name, value)| may_write(name, value));
        changed.map(|(name, value)| (name.clone(), value.clone())).collect()
    }
}

/// All properties that are wanted.
pub(super) fn names<'w>(wanted: impl Iterator<Item = &'w Wanted>) -> Vec<Text> {
    let mut names: Vec<Text> = wanted.flat_map(|it| it.keys().cloned()).collect();
    names.sort();
    names.dedup();
    names
}

/// Whether the newest value of a property comes from anybody but a program with a token.
fn by_a_person(history: &Value) -> bool {
    let versions = list(history);
    let at = |it: &&Value| it["timestamp"].as_str().and_then(|it| it.parse::<Time>().ok());
    let newest = versions.iter().max_by_key(at);
    newest.is_some_and(|it| !matches!(it["sourceType"].as_str(), Some("INTEGRATION" | "API")))
}

/// Whether two values say the same, however they are written.
pub(super) fn same(kind: PropertyKind, one: &str, other: &str) -> bool {
    let number = |it: &str| it.parse::<f64>().ok();
    let instant = |it: &str| {
        let millis = it.parse::<i64>().ok();
        millis.or_else(|| it.parse::<Time>().ok().map(|it| it.micros() / 1_000))
    };
    one == other
        || match kind {
            PropertyKind::Text | PropertyKind::YesNo => false,
            PropertyKind::Number => number(one).is_some() && number(one) == number(other),
            PropertyKind::Instant => instant(one).is_some() && instant(one) == instant(other),
        }
}

/// What a refused row comes to.
fn refused(error: &Value) -> Outcome {
    let message = mask::text(error["message"].as_str().unwrap_or("no reason was given"));
    let reason = format!("HubSpot refused the row: {message}");
    match error["category"].as_str() {
        Some("RATE_LIMITS" | "INTERNAL_ERROR" | "TIMEOUT" | "CONFLICT") => Outcome::again(reason),
        _ => Outcome::Dead(reason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Network;

    fn hubspot(overwrite: Overwrite) -> HubSpot {
        let settings = HubSpotSettings {
            token: "t".to_owned(),
            base_url: "http://127.0.0.1:1".to_owned(),
            version: "v3".to_owned(),
            overwrite,
            properties: [
                ("pql_score".into(), PropertyKind::Number),
                ("pql_qualified_at".into(), PropertyKind::Instant),
            ]
            .into(),
            contact_properties: BTreeMap::new(),
        };
        HubSpot::new(settings, &Network::new().unwrap()).unwrap()
    }

    fn company(source: &str) -> Value {
        json!({
            "id": "1",
            "properties": {
                "pql_score": "80.0",
                "pql_status": "open",
                "pql_stage": null,
                "pql_qualified_at": "2026-03-08T00:00:00Z",
            },
            "propertiesWithHistory": { "pql_status": [
                { "value": "old", "timestamp": "2026-03-01T00:00:00Z", "sourceType": "INTEGRATION" },
                { "value": "open", "timestamp": "2026-03-02T00:00:00Z", "sourceType": source },
            ] },
        })
    }

    fn changed(overwrite: Overwrite, source: &str) -> Vec<String> {
        let wanted = [
            ("pql_score", "80"),
            ("pql_status", "accepted"),
            ("pql_stage", "pql"),
            ("pql_qualified_at", "1772928000000"),
        ];
        let wanted = wanted.into_iter().map(|(name, value)| (name.into(), value.to_owned()));
        let names =
            hubspot(overwrite).changed(Objects::Companies, &wanted.collect(), &company(source));
        names.into_keys().map(|it| it.to_string()).collect()
    }

    #[test]
    fn only_what_differs_is_written_and_nothing_over_what_a_person_set() {
        assert_eq!(changed(Overwrite::Ours, "INTEGRATION"), ["pql_stage", "pql_status"]);
        assert_eq!(changed(Overwrite::Ours, "CRM_UI"), ["pql_stage"]);
        assert_eq!(changed(Overwrite::Always, "CRM_UI"), ["pql_stage", "pql_status"]);
        assert_eq!(changed(Overwrite::Empty, "INTEGRATION"), ["pql_stage"]);
    }

    #[test]
    fn a_refused_row_may_be_tried_again_only_where_that_can_help() {
        let of = |category| refused(&json!({ "category": category, "message": "no" }));
        assert!(matches!(of("RATE_LIMITS"), Outcome::Again(_)));
        assert!(matches!(of("VALIDATION_ERROR"), Outcome::Dead(_)));
    }
}
