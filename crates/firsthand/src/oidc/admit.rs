//! Who somebody is here whom a provider knows.
//!
//! What counts is what the provider calls them for ever (`sub`), once that is linked to somebody
//! here. An address alone takes over nobody's place: who has set a password here has shown that the
//! place is theirs, and is linked only if the configuration trusts the provider with addresses
//! (`link_by_email`). Who was added by an admin and has never come in is linked by the verified address
//! that they were added with: it is nobody's place yet.

use firsthand_model::config::{OidcRules, UserRole};
use firsthand_model::{Text, Time};
use firsthand_store::{Role, SqliteStore, User, Users};
use firsthand_web::backend::NotIn;
use serde_json::{Map, Value};

use crate::people::{self, Error};

/// As whom the server acts here, in the audit.
const BY: &str = "single sign-on";
/// Most groups that are looked at.
const GROUPS_MAX: usize = 1_000;

/// Who somebody is, by a provider's word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Which provider.
    pub issuer: Text,
    /// What it calls them for ever.
    pub subject: String,
    /// Their address, if it has verified it.
    pub email: Option<String>,
    /// Whether it told an address that it has not verified.
    pub unverified: bool,
    /// What people call them.
    pub name: Option<String>,
    /// Their groups.
    pub groups: Vec<String>,
}

impl Identity {
    /// What a provider's claims say.
    pub fn of(rules: &OidcRules, claims: &Map<String, Value>) -> Self {
        let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        let verified = match claims.get("email_verified") {
            Some(Value::Bool(verified)) => *verified,
            // Some write it as a text.
            Some(Value::String(verified)) => verified == "true",
            _ => false,
        };
        let email = text("email").map(|it| people::address(&it));
        let groups = match claims.get(rules.group_claim.as_str()) {
            Some(Value::Array(them)) => {
                let them = them.iter().take(GROUPS_MAX).filter_map(Value::as_str);
                them.map(str::to_owned).collect()
            }
            Some(Value::String(one)) => vec![one.clone()],
            _ => Vec::new(),
        };
        Self {
            issuer: rules.issuer.clone(),
            subject: text("sub").unwrap_or_default(),
            unverified: email.is_some() && !verified,
            email: email.filter(|_| verified),
            name: text("name").or_else(|| text("preferred_username")),
            groups,
        }
    }

    /// The role that their groups give, or nothing where groups say nothing.
    fn role(&self, rules: &OidcRules) -> Result<Option<Role>, NotIn> {
        if rules.roles.is_empty() {
            return Ok(None);
        }
        let of = |group: &String| rules.roles.get(group.as_str()).copied();
        let role = self.groups.iter().filter_map(of).max().or(rules.default_role);
        role.map(|it| Some(row(it))).ok_or(NotIn::Unknown)
    }
}

fn row(role: UserRole) -> Role {
    match role {
        UserRole::Admin => Role::Admin,
        UserRole::Analyst => Role::Analyst,
        UserRole::Rep => Role::Rep,
    }
}

/// Who somebody is here; they are added or linked where the rules say so, and have the role of their
/// groups from now on.
///
/// # Errors
/// The outer one where the store fails; the inner one says why they do not come in.
pub fn admit(
    store: &SqliteStore,
    rules: &OidcRules,
    it: &Identity,
    now: Time,
) -> Result<Result<User, NotIn>, Error> {
    let in_domains = |email: &String| {
        email
            .rsplit_once('@')
            .is_some_and(|(_, domain)| rules.domains.iter().any(|it| it == domain))
    };
    if !rules.domains.is_empty() && !it.email.as_ref().is_some_and(in_domains) {
        return Ok(Err(if it.unverified { NotIn::NoAddress } else { NotIn::Domain }));
    }
    let role = match it.role(rules) {
        Ok(role) => role,
        Err(not) => return Ok(Err(not)),
    };
    let known = store.user_by_identity(&it.issuer, &it.subject)?;
    let user = match known {
        Some(user) => user,
        None => match link(store, rules, it, role, now)? {
            Ok(user) => user,
            Err(not) => return Ok(Err(not)),
        },
    };
    if user.disabled_at.is_some() {
        return Ok(Err(NotIn::Disabled));
    }
    let Some(role) = role.filter(|it| *it != user.role) else { return Ok(Ok(user)) };
    match people::set_role(store, user.clone(), Some(role), BY, now) {
        Ok(()) => Ok(Ok(User { role, ..user })),
        // Somebody has to look after the server.
        Err(Error::LastAdmin) => Ok(Ok(user)),
        Err(error) => Err(error),
    }
}

/// Finds out who somebody is who comes for the first time.
fn link(
    store: &SqliteStore,
    rules: &OidcRules,
    it: &Identity,
    role: Option<Role>,
    now: Time,
) -> Result<Result<User, NotIn>, Error> {
    let Some(email) = &it.email else { return Ok(Err(NotIn::NoAddress)) };
    let (user, act) = match store.user_by_email(email)? {
        Some(user) if user.password.is_some() && !rules.link_by_email => {
            return Ok(Err(NotIn::Unlinked));
        }
        Some(user) if user.disabled_at.is_some() => return Ok(Err(NotIn::Disabled)),
        Some(user) => (user, "linked"),
        None => {
            let Some(role) = role.or(rules.default_role.map(row)) else {
                return Ok(Err(NotIn::Unknown));
            };
            let name = it.name.clone().unwrap_or_else(|| email.clone());
            let name: String = name.chars().filter(|it| !it.is_control()).take(80).collect();
            let name = if name.trim().is_empty() { email.clone() } else { name };
            (people::add(store, &name, email, role, now)?, "user added")
        }
    };
    store.link_identity(&it.issuer, &it.subject, &user.id, now)?;
    people::write_down(store, BY, act, &user.email, now)?;
    Ok(Ok(user))
}

#[cfg(test)]
mod tests {
    use firsthand_model::Text;
    use serde_json::json;

    use super::*;

    const NOW: Time = Time(1_800_000_000_000_000);

    fn rules(change: impl FnOnce(&mut OidcRules)) -> OidcRules {
        let mut rules = OidcRules {
            title: None,
            issuer: "https://login.example".into(),
            client_id: "firsthand".into(),
            client_secret: None,
            scopes: Vec::new(),
            domains: Vec::new(),
            default_role: None,
            group_claim: "groups".into(),
            roles: [].into(),
            link_by_email: false,
        };
        change(&mut rules);
        rules
    }

    fn come(
        store: &SqliteStore,
        rules: &OidcRules,
        claims: &Value,
    ) -> Result<(String, Role), NotIn> {
        let identity = Identity::of(rules, claims.as_object().unwrap());
        let user = admit(store, rules, &identity, NOW).unwrap()?;
        Ok((user.email.to_string(), user.role))
    }

    fn ann() -> Value {
        json!({"sub": "248", "email": "Ann@acme.example", "email_verified": true, "name": "Ann Lee"})
    }

    fn with(mut claims: Value, name: &str, value: Value) -> Value {
        claims[name] = value;
        claims
    }

    const ANN: &str = "ann@acme.example";

    fn set_password(store: &SqliteStore) {
        let user = store.user_by_email(ANN).unwrap().unwrap();
        store.change_user(&User { password: Some(Text::from("hashed")), ..user }).unwrap();
    }

    #[test]
    fn who_is_new_comes_in_only_with_a_default_role() {
        let store = SqliteStore::in_memory().unwrap();
        assert_eq!(come(&store, &rules(|_| ()), &ann()), Err(NotIn::Unknown));
        let open = rules(|it| it.default_role = Some(UserRole::Rep));
        assert_eq!(come(&store, &open, &ann()), Ok((ANN.to_owned(), Role::Rep)));
        // From now on it is the subject that counts, whatever the address.
        let moved = with(ann(), "email", json!("ann@other.example"));
        assert_eq!(come(&store, &rules(|_| ()), &moved), Ok((ANN.to_owned(), Role::Rep)));
        assert_eq!(store.users().unwrap().len(), 1);
    }

    #[test]
    fn an_address_takes_over_nobodys_place() {
        let store = SqliteStore::in_memory().unwrap();
        let open = rules(|it| it.default_role = Some(UserRole::Rep));
        people::add(&store, "Ann", ANN, Role::Admin, NOW).unwrap();
        let unverified = with(ann(), "email_verified", json!(false));
        assert_eq!(come(&store, &open, &unverified), Err(NotIn::NoAddress));
        set_password(&store);
        assert_eq!(come(&store, &open, &ann()), Err(NotIn::Unlinked));
        let trusting = rules(|it| it.link_by_email = true);
        assert_eq!(come(&store, &trusting, &unverified), Err(NotIn::NoAddress));
        assert_eq!(come(&store, &trusting, &ann()), Ok((ANN.to_owned(), Role::Admin)));
        let other = with(ann(), "sub", json!("999"));
        assert_eq!(come(&store, &open, &other), Err(NotIn::Unlinked));
    }

    #[test]
    fn who_was_added_and_has_never_come_in_comes_by_the_address() {
        let store = SqliteStore::in_memory().unwrap();
        people::add(&store, "Ann", ANN, Role::Analyst, NOW).unwrap();
        assert_eq!(come(&store, &rules(|_| ()), &ann()), Ok((ANN.to_owned(), Role::Analyst)));
    }

    #[test]
    fn only_addresses_of_the_domains_come_in() {
        let store = SqliteStore::in_memory().unwrap();
        let rules = rules(|it| {
            it.domains = vec!["acme.example".into()];
            it.default_role = Some(UserRole::Rep);
        });
        for other in ["ann@evil.example", "ann@acme.example.evil.example", "ann@notacme.example"] {
            let claims = with(ann(), "email", json!(other));
            assert_eq!(come(&store, &rules, &claims), Err(NotIn::Domain), "{other}");
        }
        assert!(come(&store, &rules, &ann()).is_ok());
    }

    #[test]
    fn groups_give_the_role_at_each_sign_in_and_one_admin_stays() {
        let store = SqliteStore::in_memory().unwrap();
        let rules = rules(|it| {
            it.roles = [("ops".into(), UserRole::Admin), ("sales".into(), UserRole::Rep)].into();
        });
        let of = |groups: Value| with(ann(), "groups", groups);
        assert_eq!(come(&store, &rules, &of(json!(["other"]))), Err(NotIn::Unknown));
        let role = |groups| come(&store, &rules, &of(groups)).map(|it| it.1);
        assert_eq!(role(json!(["sales", "ops"])), Ok(Role::Admin));
        assert_eq!(role(json!("sales")), Ok(Role::Admin), "the last admin stays");
        people::add(&store, "Bob", "bob@acme.example", Role::Admin, NOW).unwrap();
        assert_eq!(role(json!("sales")), Ok(Role::Rep));
        assert_eq!(role(json!([])), Err(NotIn::Unknown), "who has left the groups stays out");
    }

    #[test]
    fn who_may_not_sign_in_may_not_this_way_either() {
        let store = SqliteStore::in_memory().unwrap();
        let open = rules(|it| it.default_role = Some(UserRole::Rep));
        come(&store, &open, &ann()).unwrap();
        let user = store.user_by_email(ANN).unwrap().unwrap();
        store.change_user(&User { disabled_at: Some(NOW), ..user }).unwrap();
        assert_eq!(come(&store, &open, &ann()), Err(NotIn::Disabled));
    }
}
