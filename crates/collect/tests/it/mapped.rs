//! Files of any shape by a mapping.

use std::fmt::Write as _;

use crate::support::{import_by, input, map, run_mapped};

#[test]
fn wide_tables_become_an_event_a_column() {
    let dated = import_by(
        &[("person", "user"), ("wide", "signed_up,activated"), ("rename", "signed_up:Signed up")],
        "user,signed_up,activated,country\na,2026-01-01,2026-01-05,DE\nb,2026-01-02,,FR\nc,,,\n",
    );
    insta::assert_snapshot!(dated.report());
    let counted = import_by(
        &[("person", "user"), ("time", "day"), ("wide", "exports,logins")],
        "user,day,exports,logins\na,2026-01-01,3,0\n",
    );
    insta::assert_snapshot!("counts_become_values", counted.report());
}

#[test]
fn every_kind_of_row_is_understood() {
    let mut shown = String::new();
    let base = &[("time", "day"), ("person", "user"), ("account", "org")][..];
    let text = "user,org,day,role,joined,score\na,acme,2026-01-01,admin,yes,3.5\nb,acme,2026-01-02,,no,x\n";
    for kind in ["record", "traits", "membership", "number"] {
        let mut pairs = base.to_vec();
        pairs.push(("kind", kind));
        if kind == "record" {
            pairs.push(("event_name", "Seat changed"));
        }
        if kind == "number" {
            pairs.extend([("of", "account"), ("drop", "role,joined")]);
        }
        let imported = import_by(&pairs, text);
        write!(shown, "== {kind}\n{}\n\n", imported.report()).unwrap();
    }
    let links = import_by(
        &[("kind", "link"), ("time", "day"), ("person", "user"), ("anonymous", "device")],
        "user,device,day\na,d-1,2026-01-01\n,d-2,2026-01-01\n",
    );
    let aliases = import_by(
        &[("kind", "link"), ("time", "day"), ("person", "user")],
        "user,other,day,split\na,a-old,2026-01-01,\na,a-old,2026-01-02,true\na,a,2026-01-03,\n",
    );
    writeln!(shown, "== link\n{}\n\n== alias\n{}", links.report(), aliases.report()).unwrap();
    insta::assert_snapshot!(shown);
}

#[test]
fn json_is_mapped_by_paths_into_it() {
    let imported = import_by(
        &[("event", "what.name"), ("time", "at"), ("person", "who.id"), ("zone", "Europe/Berlin")],
        "{\"at\":\"2026-07-01 12:00:00\",\"what\":{\"name\":\"Login\"},\"who\":{\"id\":7},\"x\":1.0}\n",
    );
    insta::assert_snapshot!(imported.lines());
}

#[test]
fn without_a_time_traits_hold_from_the_import_and_it_says_so() {
    let imported =
        import_by(&[("kind", "traits"), ("person", "user")], "user,plan\na,free\nb,pro\n");
    assert_eq!(imported.noticed(), [("time_of_import", 2)]);
    assert_eq!(imported.facts[0].time, crate::support::NOW);
}

#[test]
fn files_of_one_import_may_have_different_columns() {
    let map = map(&[("event_name", "Login"), ("time", "day"), ("person", "user")]);
    let inputs = vec![input("user,day\na,2026-01-01\n"), input("day;x;user\n2026-01-02;1;b\n")];
    let imported = run_mapped(Some(&map), |_| {}, inputs).unwrap();
    assert_eq!(imported.facts.len(), 2);
    assert_eq!(imported.summary.files.len(), 2);
}
