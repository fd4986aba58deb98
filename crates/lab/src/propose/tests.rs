use firsthand_model::fact::{Row, RowBody};
use firsthand_model::{Decimal, Fact, Json, Scalar, Time};
use proptest::prelude::*;

use super::*;

const EVENTS: &[&str] =
    &["Signed up", "Board created", "Board deleted", "Report exported", "Subscription started"];

/// One account's rows: event or plan by number, the hour, the person, the board.
fn rows(account: usize, of: &[(usize, i64, usize, u64)]) -> Vec<Row> {
    let mut of = of.to_vec();
    of.sort_by_key(|it| it.1);
    let row = |(place, (what, hour, person, board)): (usize, (usize, i64, usize, u64))| Row {
        time: Time(hour * 3_600_000_000),
        known_at: None,
        id: place.to_string().into(),
        source: "test".into(),
        person: Some(format!("p{account}-{person}").into()),
        copy: false,
        body: match EVENTS.get(what) {
            Some(name) => RowBody::Event {
                name: (*name).into(),
                record: false,
                values: [Scalar::Number(Decimal::from(board))].into(),
            },
            None => RowBody::Traits {
                of: Kind::Account,
                traits: [("plan".into(), Scalar::Text(["Free", "pro"][what % 2].into()))].into(),
            },
        },
    };
    of.into_iter().enumerate().map(row).collect()
}

/// What a tracker's facts with these names and properties would have shown.
fn seen() -> Seen {
    let mut seen = Seen::default();
    let calendar = firsthand_model::Calendar::default();
    let body = |name: &str| firsthand_model::fact::Body::Event {
        name: name.into(),
        properties: Json::parse(r#"{"board_id":7}"#).unwrap(),
    };
    let plan = |plan: &str| firsthand_model::fact::Body::Traits {
        of: Kind::Account,
        traits: Json::parse(format!(r#"{{"plan":"{plan}"}}"#)).unwrap(),
    };
    let bodies =
        EVENTS.iter().flat_map(|it| [body(it), body(it)]).chain([plan("Free"), plan("pro")]);
    for (number, body) in (0..).zip(bodies) {
        let time = Time(number * 86_400_000_000 * 10);
        let (id, source, who) = ("x".into(), "test".into(), firsthand_model::fact::Who::default());
        seen.take(&Fact { id, source, time, known_at: None, who, body }, &calendar);
    }
    seen
}

fn survey_of(look: &Look, accounts: &[(usize, Vec<Row>)]) -> Survey {
    let mut survey = Survey::default();
    for (number, rows) in accounts {
        survey.take(look, &format!("a{number}"), false, rows, &|_| true);
    }
    survey
}

type Account = Vec<(usize, i64, usize, u64)>;

fn any_accounts() -> impl Strategy<Value = Vec<Account>> {
    let row = (0..7_usize, 0..4_000_i64, 0..4_usize, 0..15_u64);
    prop::collection::vec(prop::collection::vec(row, 0..30), 1..30)
}

proptest! {
    /// PROP-1: in whatever order and parts accounts are surveyed, the proposal is the same.
    #[test]
    fn order_and_parts_of_a_survey_change_nothing(accounts in any_accounts(), cut in 0..30_usize) {
        let seen = seen();
        let look = Look::at(&seen);
        let mut accounts: Vec<(usize, Vec<Row>)> =
            accounts.iter().enumerate().map(|(number, it)| (number, rows(number, it))).collect();
        let whole = survey_of(&look, &accounts);
        accounts.reverse();
        let (one, other) = accounts.split_at(cut.min(accounts.len()));
        let mut parts = survey_of(&look, one);
        parts.merge(survey_of(&look, other));
        prop_assert_eq!(propose(&look, &seen, &parts), propose(&look, &seen, &whole));
        prop_assert_eq!(parts, whole);
    }
}

#[test]
fn a_level_by_key_counts_what_is_there_and_not_what_was_ever_made() {
    let seen = seen();
    let look = Look::at(&seen);
    let level = look.meters.iter().position(|it| it.kind == MeterKind::Level).unwrap();
    assert_eq!(look.meters[level].name, "boards");
    // Twenty firms come to five boards: one board is made twice, one taken away again.
    let firm: Account =
        [(1, 1, 1), (1, 2, 2), (1, 3, 3), (1, 4, 3), (2, 5, 3), (1, 6, 4), (1, 7, 5), (1, 8, 6)]
            .map(|(what, hour, board)| (what, hour, 0, board))
            .into();
    let free: Account = [vec![(5, 0, 0, 0), (6, 0, 0, 0)], firm].concat();
    let accounts: Vec<_> = (0..20).map(|it| (it, rows(it, &free))).collect();
    let survey = survey_of(&look, &accounts);
    let found: Vec<Plateau> =
        survey.meters[level].by_plan.values().filter_map(Amounts::plateau).collect();
    assert_eq!(found.iter().map(|it| (it.limit, it.at)).collect::<Vec<_>>(), [(5, 20)]);
}
