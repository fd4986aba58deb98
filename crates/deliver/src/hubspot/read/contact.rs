//! What a contact says of its person.

use std::collections::BTreeMap;

use firsthand_model::config::CRM_OPT_OUT_TRAIT;
use firsthand_model::fact::{Body, Kind, Who};
use firsthand_model::{Fact, Json, Text, Time};
use serde_json::{Map, Value, json};

use super::{OWNER_TRAIT, STAGE_TRAIT, digest, fact_of, scalar, text_of, time_of, versions};

/// The person trait that is the contact's id there.
pub const CONTACT_TRAIT: &str = "crm_contact";

/// A contact as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Contact {
    /// Its id there.
    pub id: Text,
    /// The product's own id of the person, if it carries one.
    pub user: Option<Text>,
    /// Its address, in lower case.
    pub email: Option<Text>,
    /// When it was changed last.
    pub changed_at: Time,
    /// All properties that were asked for.
    pub properties: Value,
    /// The companies that it has belonged to, each from when on, the oldest first.
    pub companies: Vec<(Time, Option<Text>)>,
}

impl Contact {
    /// The properties that are always read.
    pub const PROPERTIES: [&str; 6] = [
        "email",
        Self::COMPANY,
        "hubspot_owner_id",
        "lifecyclestage",
        "hs_email_optout",
        "lastmodifieddate",
    ];
    /// The property that is the id of the company there.
    pub const COMPANY: &str = "associatedcompanyid";

    /// Reads an object of the API; `None` where it has no id or no time.
    pub fn from_api(object: &Value, rules: &ContactRules) -> Option<Self> {
        let properties = &object["properties"];
        let user = rules.user.as_ref().and_then(|it| text_of(&properties[it.as_str()]));
        let email = text_of(&properties["email"]).map(|it| it.trim().to_lowercase());
        Some(Self {
            id: text_of(&object["id"])?,
            user: user.map(|it| it.trim().into()),
            email: email.filter(|it| !it.is_empty()).map(Text::from),
            changed_at: time_of(&properties["lastmodifieddate"])
                .or_else(|| time_of(&object["updatedAt"]))?,
            properties: properties.clone(),
            companies: versions(&object["propertiesWithHistory"][Self::COMPANY], |it| {
                Some(text_of(it))
            }),
        })
    }
}

/// What becomes of contacts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContactRules {
    /// The property that holds the product's own id of the person.
    pub user: Option<Text>,
    /// Person traits by the contact's property.
    pub traits: BTreeMap<Text, Text>,
    /// Whether contacts of known companies that are nobody here become people.
    pub make_people: bool,
    /// Whether everybody becomes a member of the account of their company, and not only who is a
    /// person by being a contact.
    pub all_join: bool,
}

impl ContactRules {
    /// Whether a contact's person becomes a member of the account of its company.
    pub fn joins(&self, whose: &Whose) -> bool {
        match whose {
            Whose::Stranger => self.make_people,
            Whose::Person { made, .. } => self.all_join || self.make_people && *made,
        }
    }
}

/// Whose a contact is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// A person's.
    Person {
        /// Their canonical id.
        id: Text,
        /// Whether their id is the address: then they may be who was made of the contact.
        made: bool,
        /// The other person whose id is the address: then both are one.
        namesake: Option<Text>,
        /// Since when it is known that the address is theirs.
        since: Time,
    },
    /// Somebody's who is not known yet.
    Stranger,
}

/// What a contact says of its person: traits, and where asked for, membership of the accounts of its
/// companies. `owners` are addresses by id, `accounts` those of companies by id. A stranger without
/// a known company is nobody.
pub fn contact_facts(
    source: &Text,
    contact: &Contact,
    whose: &Whose,
    rules: &ContactRules,
    owners: &BTreeMap<Text, Text>,
    accounts: &BTreeMap<Text, Text>,
) -> Vec<Fact> {
    let stays = if rules.joins(whose) { stays(contact, accounts) } else { Vec::new() };
    let person = match whose {
        Whose::Person { id, .. } => id.clone(),
        Whose::Stranger if !rules.make_people || stays.iter().all(|it| it.1.is_none()) => {
            return Vec::new();
        }
        Whose::Stranger => match &contact.email {
            Some(email) => email.clone(),
            None => return Vec::new(),
        },
    };
    let who = |account: Option<&Text>| Who {
        user: Some(person.clone()),
        account: account.cloned(),
        ..Who::default()
    };
    let id = &contact.id;
    let mut facts = Vec::new();
    if let Whose::Person { namesake: Some(other), .. } = whose
        && rules.make_people
    {
        // Who was made of the contact has turned up in the product by another id.
        let key = format!("contact:{id}:is:{}", digest(&format!("{person} {other}")));
        let body = Body::Alias { other: other.clone() };
        facts.push(fact_of(source, key, contact.changed_at, who(None), body));
    }
    let mut joined: Option<&Text> = None;
    for (at, account) in &stays {
        let mut member = |word: &str, account: &Text| {
            let joined = word == "joined";
            let key = format!("contact:{id}:{word}:{}:{}", at.micros(), digest(account));
            let body = Body::Membership { joined, role: None };
            facts.push(fact_of(source, key, *at, who(Some(account)), body));
        };
        if joined == account.as_ref() {
            continue;
        }
        if let Some(left) = joined {
            member("left", left);
        }
        joined = account.as_ref();
        if let Some(account) = joined {
            member("joined", account);
        }
    }
    let body = traits(contact, *whose == Whose::Stranger, rules, owners);
    let said = digest(&format!("{person} {}", body.as_str()));
    let key = format!("contact:{id}:{}:{said}", contact.changed_at.micros());
    let body = Body::Traits { of: Kind::Person, traits: body };
    facts.push(fact_of(source, key, contact.changed_at, who(None), body));
    facts
}

/// The traits that a contact sets of its person.
fn traits(
    contact: &Contact,
    is_new: bool,
    rules: &ContactRules,
    owners: &BTreeMap<Text, Text>,
) -> Json {
    let properties = &contact.properties;
    let owner = text_of(&properties["hubspot_owner_id"]).and_then(|it| owners.get(&it));
    let opted_out = (properties["hs_email_optout"] == "true").then_some(true);
    // What is not set there is removed here: `null`.
    let mut set = Map::new();
    set.insert(CONTACT_TRAIT.to_owned(), json!(contact.id));
    set.insert(OWNER_TRAIT.to_owned(), json!(owner));
    set.insert(STAGE_TRAIT.to_owned(), json!(text_of(&properties["lifecyclestage"])));
    set.insert(CRM_OPT_OUT_TRAIT.to_owned(), json!(opted_out));
    if is_new {
        set.insert("email".to_owned(), json!(contact.email));
    }
    for (property, name) in &rules.traits {
        set.insert(name.to_string(), scalar(&properties[property.as_str()]));
    }
    Json::from_members(&set)
}

/// The accounts of the companies that a contact has belonged to, each from when on.
fn stays(contact: &Contact, accounts: &BTreeMap<Text, Text>) -> Vec<(Time, Option<Text>)> {
    let account = |company: &Option<Text>| accounts.get(company.as_ref()?).cloned();
    contact.companies.iter().map(|(at, company)| (*at, account(company))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: Text = Text::new_static("hubspot");

    fn object() -> Value {
        let version = |value: Value, at: &str| json!({ "value": value, "timestamp": at });
        json!({
            "id": "9", "updatedAt": "2026-03-08T10:00:00Z",
            "properties": {
                "email": " Zoe@Acme.example ", "hubspot_owner_id": "5", "lifecyclestage": "lead",
                "hs_email_optout": "true", "jobtitle": "CTO", "phone": "", "app_id": "u7",
                "lastmodifieddate": "2026-03-08T10:00:00Z", "associatedcompanyid": "78",
            },
            // The newest first, as the API tells it.
            "propertiesWithHistory": { "associatedcompanyid": [
                version(json!("78"), "2026-03-07T00:00:00Z"),
                version(json!("77"), "2026-03-05T00:00:00Z"),
                version(json!(""), "2026-03-04T00:00:00Z"),
                version(json!("76"), "2026-03-02T00:00:00Z"),
                version(json!("77"), "2026-03-01T00:00:00Z"),
            ] },
        })
    }

    fn rules(make_people: bool, all_join: bool) -> ContactRules {
        let traits = [("jobtitle", "job"), ("phone", "phone")];
        ContactRules {
            user: Some("app_id".into()),
            traits: traits.map(|(property, name)| (property.into(), name.into())).into(),
            make_people,
            all_join,
        }
    }

    fn person(id: &str, namesake: Option<&str>) -> Whose {
        Whose::Person {
            id: id.into(),
            made: id.contains('@'),
            namesake: namesake.map(Text::from),
            since: Time(0),
        }
    }

    /// What a contact says, a line each: who, when, what.
    fn says(object: &Value, whose: &Whose, rules: &ContactRules) -> Vec<String> {
        let contact = Contact::from_api(object, rules).unwrap();
        let owners = [("5".into(), "ann@ours.example".into())].into();
        let accounts = ["77", "78"].map(|it| (it.into(), format!("a{it}").into())).into();
        let of = || contact_facts(&SOURCE, &contact, whose, rules, &owners, &accounts);
        assert_eq!(of(), of(), "read twice, they are the same facts");
        let line = |it: Fact| {
            let what = match it.body {
                Body::Traits { of: Kind::Person, traits } => traits.as_str().to_owned(),
                Body::Membership { joined, .. } => {
                    let account = it.who.account.as_deref().unwrap_or_default();
                    format!("{} {account}", if joined { "joins" } else { "leaves" })
                }
                Body::Alias { other } => format!("is {other}"),
                other => panic!("{other:?}"),
            };
            let day = it.time.to_string()[8..10].to_owned();
            format!("{} {day} {what}", it.who.user.unwrap())
        };
        of().into_iter().map(line).collect()
    }

    #[test]
    fn a_contact_sets_the_traits_of_its_person() {
        let contact = Contact::from_api(&object(), &rules(false, false)).unwrap();
        assert_eq!(contact.email.as_deref(), Some("zoe@acme.example"));
        assert_eq!(contact.user.as_deref(), Some("u7"));
        let said = says(&object(), &person("u7", None), &rules(false, false));
        assert_eq!(
            said,
            [
                r#"u7 08 {"crm_contact":"9","crm_owner":"ann@ours.example","crm_stage":"lead","crm_opt_out":true,"job":"CTO","phone":null}"#
            ]
        );
        let mut back = object();
        back["properties"]["hs_email_optout"] = json!("false");
        let said = says(&back, &person("u7", None), &rules(false, false));
        assert!(
            said[0].contains(r#""crm_opt_out":null"#),
            "who wants to hear again, does: {said:?}"
        );
    }

    #[test]
    fn whoever_is_asked_to_joins_and_leaves_as_the_companies_were_set() {
        let stays = ["joins a77", "leaves a77", "joins a77", "leaves a77", "joins a78"];
        let days = ["01", "02", "05", "07", "07"];
        let said = says(&object(), &person("u7", None), &rules(false, true));
        let expected: Vec<String> =
            days.iter().zip(stays).map(|(day, it)| format!("u7 {day} {it}")).collect();
        assert_eq!(said[..5], expected);
        assert_eq!(said.len(), 6);
    }

    #[test]
    fn a_stranger_becomes_a_person_of_a_known_company_and_of_no_other() {
        let said = says(&object(), &Whose::Stranger, &rules(true, false));
        assert_eq!(said.len(), 6);
        assert!(said[0].starts_with("zoe@acme.example 01 joins a77"), "{said:?}");
        assert!(said[5].contains(r#""email":"zoe@acme.example""#), "{said:?}");
        assert_eq!(says(&object(), &Whose::Stranger, &rules(false, true)), [] as [&str; 0]);
        let mut homeless = object();
        homeless["propertiesWithHistory"] = json!({});
        assert_eq!(says(&homeless, &Whose::Stranger, &rules(true, true)), [] as [&str; 0]);
        let mut nameless = object();
        nameless["properties"]["email"] = json!("");
        assert_eq!(says(&nameless, &Whose::Stranger, &rules(true, true)), [] as [&str; 0]);
    }

    #[test]
    fn who_was_made_of_a_contact_and_turns_up_in_the_product_is_one_person() {
        let both = person("u7", Some("zoe@acme.example"));
        assert_eq!(says(&object(), &both, &rules(true, false))[0], "u7 08 is zoe@acme.example");
        assert_eq!(says(&object(), &both, &rules(false, false)).len(), 1, "nobody was made");
    }
}
