//! Writes properties: only what differs, and nothing over what a person set (unless told so).

use std::collections::BTreeMap;

use firsthand_model::Text;
use firsthand_model::Time;
use serde_json::{Value, json};

use super::api::{COMPANIES, Result};
use super::{ACCOUNT_PROPERTY, HubSpot, Overwrite, PropertyKind, Row, text_of};
use crate::{Outcome, mask};

/// What a company is to have: by property.
type Wanted = BTreeMap<Text, String>;

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
        let written = match self.write_changed(wanted).await {
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

    /// Writes what differs; the names that were written, or why not, by company.
    async fn write_changed(
        &self,
        wanted: BTreeMap<Text, Wanted>,
    ) -> Result<BTreeMap<Text, Result<Vec<Text>, Outcome>>> {
        let there = self.read(&wanted).await?;
        let mut done = BTreeMap::new();
        let mut inputs = Vec::new();
        for (company, wanted) in wanted {
            let Some(is) = there.get(&company) else {
                let reason = format!("HubSpot has no company {company}");
                done.insert(company, Err(Outcome::Dead(reason)));
                continue;
            };
            let changed = self.changed(&wanted, is);
            if !changed.is_empty() {
                inputs.push(json!({ "id": company, "properties": changed }));
            }
            done.insert(company, Ok(changed.into_keys().collect()));
        }
        if inputs.is_empty() {
            return Ok(done);
        }
        let body = json!({ "inputs": inputs });
        let told = self.api.post("objects", &format!("{COMPANIES}/batch/update"), &body).await?;
        for error in told["errors"].as_array().map_or(&[][..], Vec::as_slice) {
            let outcome = refused(error);
            let ids = error["context"]["ids"].as_array().map_or(&[][..], Vec::as_slice);
            for id in ids.iter().filter_map(text_of) {
                done.insert(id, Err(outcome.clone()));
            }
        }
        Ok(done)
    }

    /// What the companies have now, with who wrote it.
    async fn read(&self, wanted: &BTreeMap<Text, Wanted>) -> Result<BTreeMap<Text, Value>> {
        let mut names: Vec<&Text> = wanted.values().flat_map(BTreeMap::keys).collect();
        names.sort();
        names.dedup();
        let inputs: Vec<Value> = wanted.keys().map(|it| json!({ "id": it })).collect();
        let body = json!({
            "inputs": inputs,
            "properties": names,
            "propertiesWithHistory": names,
        });
        let told = self.api.post("objects", &format!("{COMPANIES}/batch/read"), &body).await?;
        let there = told["results"].as_array().cloned().unwrap_or_default();
        Ok(there.into_iter().filter_map(|it| Some((text_of(&it["id"])?, it))).collect())
    }

    /// What is to be written of what is wanted.
    fn changed(&self, wanted: &Wanted, is: &Value) -> Wanted {
        let may_write = |name: &Text, value: &String| {
            let now = is["properties"][name.as_str()].as_str().unwrap_or_default();
            let kind = self.settings.properties.get(name).copied().unwrap_or(PropertyKind::Text);
            if same(kind, now, value) {
                return false;
            }
            // Whose company it is, is for us to say.
            now.is_empty()
                || name == ACCOUNT_PROPERTY
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

/// Whether the newest value of a property comes from anybody but a program with a token.
fn by_a_person(history: &Value) -> bool {
    let versions = history.as_array().map_or(&[][..], Vec::as_slice);
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
            PropertyKind::Text => false,
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
    use crate::hubspot::HubSpotSettings;

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
        let names = hubspot(overwrite).changed(&wanted.collect(), &company(source));
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
