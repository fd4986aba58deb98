//! What a lead says in a sentence: the `why` of its definition, filled in when it qualifies.

use std::collections::BTreeMap;
use std::sync::Arc;

use firsthand_engine::desk::Qualified;
use firsthand_engine::{Describe, Live};
use firsthand_model::Text;
use firsthand_model::config::Project;
use firsthand_model::fact::Kind;

use crate::headline::Amounts;
use crate::template::{Standing, Template, Values};

/// What of a template only all rows of an account tell.
const OF_ALL_ROWS: [&str; 2] = ["person", "members"];

/// Fills in the templates of a project's definitions. One that cannot be read was refused before,
/// with the project.
pub fn describe(project: &Arc<Project>) -> Describe {
    let templates: BTreeMap<Text, Template> = project
        .definitions
        .values()
        .filter_map(|it| Some((it.name.clone(), Template::read(&it.why.as_ref()?.text).ok()?)))
        .collect();
    let project = Arc::clone(project);
    Arc::new(move |live, qualified| fill(&templates, &project, live, qualified))
}

fn fill(
    templates: &BTreeMap<Text, Template>,
    project: &Project,
    live: &Live,
    it: &Qualified,
) -> Option<String> {
    let template = templates.get(&it.definition)?;
    let customer = live.customer(&it.account)?;
    let rows = if OF_ALL_ROWS.iter().any(|root| template.reads(root)) {
        live.rows_of(&it.account).ok()?
    } else {
        customer.traits().to_vec()
    };
    let person = (it.subject.kind == Kind::Person).then_some(it.subject.id.as_str());
    let at = it.known_at;
    let standing = Standing::of(&it.account, &rows, person, at, project);
    let Amounts { usage, limit } =
        Amounts::of(&live.rules().program.account, &customer.stream().stream());
    template.fill(&Values {
        account: Arc::new(standing.account),
        person: Arc::new(standing.person),
        usage,
        limit,
        score: it.score,
        trial_age: standing.trial_since.map(|since| at - since),
        trial_left: standing.trial_ends.map(|ends| ends - at),
        members: Some(standing.members),
    })
}
