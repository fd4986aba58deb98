//! Who owns leads: the name under which leads carry somebody, and what people call them.

use std::collections::BTreeMap;

use super::error::PageError;
use super::shell::{initials, tint};
use super::visitor::Visitor;
use crate::app::App;
use crate::backend::{Role, User};

/// Somebody's name with the tint of their initials.
pub(crate) struct Owner {
    pub name: String,
    pub initials: String,
    pub tint: u8,
}

impl Owner {
    fn called(name: &str) -> Self {
        Self { name: name.to_owned(), initials: initials(name), tint: tint(name) }
    }
}

/// Everybody who may own leads, or has owned them.
pub(super) struct Owners {
    /// What people call whoever leads carry under a name.
    names: BTreeMap<String, String>,
    /// To whom the visitor may give leads: the name that leads carry, and what people say.
    pub to_give: Vec<(String, String)>,
}

impl Owners {
    /// As of now, for a visitor.
    pub async fn of(app: &App, visitor: &Visitor) -> Result<Self, PageError> {
        Ok(Self::among(&app.backend.users().await?, &visitor.user))
    }

    fn among(users: &[User], visitor: &User) -> Self {
        let may =
            |it: &&User| !it.disabled && it.role != Role::Analyst && it.owner != visitor.owner;
        let pair = |it: &User| (it.owner.clone(), it.name.clone());
        let to_give = users.iter().filter(may).map(pair).collect();
        Self { names: users.iter().map(pair).collect(), to_give }
    }

    /// What people call whoever leads carry under this name; the name itself where nobody who
    /// signs in has it.
    pub fn name<'a>(&'a self, owner: &'a str) -> &'a str {
        self.names.get(owner).map_or(owner, String::as_str)
    }

    /// The same, as it is drawn.
    pub fn owner(&self, owner: &str) -> Owner {
        Owner::called(self.name(owner))
    }
}
