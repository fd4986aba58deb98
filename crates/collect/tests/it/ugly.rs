//! Ugly input: nothing is lost or changed without a word (P7).

use crate::support::{import, import_by, input, refuse, run, run_mapped, try_import_by};
use firsthand_collect::{ImportError, NoticeCode, RejectCode};

const LOGIN: &[(&str, &str)] = &[("event_name", "Login"), ("time", "day"), ("person", "user")];

#[test]
fn ragged_rows_are_rejects_with_their_line() {
    let imported = import_by(
        LOGIN,
        "user,day,n\r\na,2026-01-01,1\r\nb,2026-01-02\r\n\r\nc,2026-01-03,3,4\r\nd,2026-01-04,\r\n",
    );
    assert_eq!(imported.codes(), [(3, "ragged_row"), (5, "ragged_row")]);
    assert_eq!(imported.rejects[0].raw, "b,2026-01-02");
    assert_eq!(imported.facts.len(), 2);
}

#[test]
fn cells_stay_what_they_are() {
    let imported = import_by(
        LOGIN,
        "user,day,zip,big,n,on,empty,odd\n007,2026-01-01,00420,12345678901234567890,4.50,TRUE,,1e5\n",
    );
    insta::assert_snapshot!(imported.lines(), @r#"{"id":"132c76f1e66d64828c6672","source":"test","time":"2026-01-01T00:00:00Z","person":"007","event":"Login","properties":{"zip":"00420","big":"12345678901234567890","n":4.50,"on":true,"odd":"1e5"}}"#);
}

#[test]
fn delimiters_are_told_by_the_rows() {
    for delimiter in [",", ";", "\t", "|"] {
        let text = "user,day,note\na,2026-01-01,\"x, y; z\"\nb,2026-01-02,w\n"
            .replace("user,day,note", &["user", "day", "note"].join(delimiter))
            .replace("a,2026-01-01,\"", &format!("a{delimiter}2026-01-01{delimiter}\""))
            .replace("b,2026-01-02,w", &["b", "2026-01-02", "w"].join(delimiter));
        let imported = import_by(LOGIN, text);
        assert_eq!(imported.facts.len(), 2, "{delimiter:?}");
    }
}

#[test]
fn quoted_cells_may_hold_line_ends_and_a_quote_never_closed_costs_one_line() {
    let imported = import_by(
        LOGIN,
        "user,day,note\na,2026-01-01,\"two\nlines\"\nb,2026-01-02,5\" pipe\nc,2026-01-03,\"open\nd,2026-01-04,x\n",
    );
    assert_eq!(imported.codes(), [(5, "unclosed_quote")]);
    assert_eq!(imported.facts.len(), 3);
}

#[test]
fn a_mark_is_taken_off_and_an_encoding_is_needed_for_latin_1() {
    let imported = import_by(LOGIN, b"\xEF\xBB\xBFuser,day\na,2026-01-01\n");
    assert_eq!(imported.noticed(), [("byte_order_mark", 1)]);

    let latin = b"user,day,name\na,2026-01-01,Zo\xEB\nb,2026-01-01,Bo\n";
    assert_eq!(import_by(LOGIN, latin).codes(), [(2, "not_utf8")]);
    let told = [LOGIN, &[("encoding", "latin-1")]].concat();
    assert!(import_by(&told, latin).lines().contains("Zo\u{eb}"));

    let wide: Vec<u8> =
        "\u{feff}user,day\na,2026-01-01\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(import_by(LOGIN, wide).facts.len(), 1);
}

#[test]
fn dates_that_can_be_read_two_ways_are_refused_unless_another_row_tells() {
    insta::assert_snapshot!(refuse(LOGIN, "user,day\na,03-04-2026\n"), @"
    error: the mapping does not fit `events.txt`: `03-04-2026` may have the day or the month first

    Say `time_format: day first` or `time_format: month first`.
    ");
    let imported = import_by(LOGIN, "user,day\na,03-04-2026\nb,23-04-2026\nc,04-23-2026\n");
    assert_eq!(imported.noticed(), [("day_order_guessed", 1)]);
    assert_eq!(imported.codes(), [(4, "bad_time")]);
    assert_eq!(imported.facts[0].time.to_string(), "2026-04-03T00:00:00Z");
}

#[test]
fn bad_json_costs_its_line_only() {
    let good = r#"{"id":"1","time":"2026-02-01T00:00:00Z","event":"Login","person":"a"}"#;
    let deep = format!(r#"{{"time":{}"x"{}}}"#, "[".repeat(200), "]".repeat(200));
    let text = format!("{good}\n{{\"id\":\n[1]\n\n{deep}\n{}\n", good.replace("\"1\"", "\"2\""));
    let imported = import(text);
    assert_eq!(imported.codes(), [(2, "bad_json"), (3, "not_an_object"), (5, "too_deep")]);
    assert_eq!(imported.ids(), ["1", "2"]);
}

#[test]
fn what_json_may_hold_but_texts_may_not_is_noticed() {
    let line = r#"{"id":"1","time":"2026-02-01T00:00:00Z","event":"Login","person":"a","properties":{"half":"\ud800","nul":"\u0000","twice":1,"twice":2}}"#;
    let imported = import(line);
    assert_eq!(imported.noticed(), [("nul", 1), ("lone_surrogate", 1), ("repeated_member", 1)]);
    assert!(imported.lines().contains(r#""half":"\ufffd""#));
}

#[test]
fn lists_and_pretty_printed_objects_are_read() {
    let imported = import(
        "[\n  {\n    \"time\": \"2026-02-01T00:00:00Z\",\n    \"event\": \"Login\",\n    \"person\": \"a\",\n    \"properties\": {\n      \"x\": 1\n    }\n  },\n  {\"time\": \"2026-02-01\", \"event\": \"\", \"person\": \"b\"},\n {\"time\": \"2026-02-01\", \"event\": \"Login\", \"person\": \"b\"} ]\n",
    );
    assert_eq!(imported.codes(), [(10, "other_shape")]);
    assert_eq!(imported.facts.len(), 2);
}

#[test]
fn ids_that_are_too_long_are_refused_or_hashed_and_said() {
    let long = "x".repeat(256);
    let imported = import_by(
        &[("event_name", "Login"), ("time", "day"), ("person", "user"), ("id", "id")],
        format!(
            "id,user,day\n{long},a,2026-01-01\n1,{long},2026-01-01\n 2 ,a,2026-01-01\n2,a,2026-01-01\n2,b,2026-01-01\n"
        ),
    );
    assert_eq!(imported.codes(), [(3, "id_too_long"), (6, "reused_id")]);
    assert_eq!(imported.noticed(), [("trimmed", 1), ("long_record_id", 1), ("repeated_record", 1)]);
    assert_eq!(imported.facts[0].id.len(), 22);
}

#[test]
fn of_different_records_with_one_id_the_first_of_the_file_counts_and_the_others_are_rejects() {
    let keyed = [LOGIN, &[("id", "id")]].concat();
    let imported = import_by(
        &keyed,
        "id,user,day,n\n1,a,2026-01-02,1\n1,a,2026-01-01,2\n,b,x,3\n1,a,2026-01-02,1\n",
    );
    assert_eq!(imported.codes(), [(3, "reused_id"), (4, "bad_time")]);
    let reject = &imported.rejects[0];
    assert_eq!(reject.raw, "1,a,2026-01-01,2");
    assert_eq!(reject.reason, "another record of the file has the id `1`");
    // The first line and its repetition, which the history counts once.
    assert_eq!(imported.ids(), ["1", "1"]);
    assert_eq!(imported.noticed(), [("repeated_record", 1)]);

    // Ids are unique within a source only.
    let from = |source: &str| {
        format!(
            r#"{{"id":"1","source":"{source}","time":"2026-02-01","event":"{source}","person":"a"}}"#
        )
    };
    let imported = import(format!("{}\n{}\n", from("web"), from("app")));
    assert_eq!((imported.facts.len(), imported.rejects.len()), (2, 0));

    // Lines do not tell records apart: these are two.
    let one = r#"{"id":"1","time":"2026-02-01T00:00:00Z","event":"Login","person":"a"}"#;
    let imported = import(format!("[{one},{}]", one.replace("Login", "Logout")));
    assert_eq!(imported.codes(), [(1, "reused_id")]);
    assert!(imported.rejects[0].raw.contains("Logout"), "{}", imported.rejects[0].raw);
}

#[test]
fn a_row_that_becomes_several_facts_is_refused_whole() {
    let map = [("wide", "asked,closed"), ("person", "user"), ("id", "id")];
    let imported = import_by(
        &map,
        "id,user,asked,closed\n1,a,2026-01-01,\n1,a,2026-01-02,2026-01-03\n2,a,2026-01-02,2026-01-03\n",
    );
    assert_eq!(imported.codes(), [(3, "reused_id")]);
    assert_eq!(imported.ids(), ["1#asked", "2#asked", "2#closed"]);
}

#[test]
fn columns_without_a_place_are_named() {
    let member = [("kind", "membership"), ("time", "day"), ("person", "user"), ("account", "firm")];
    let text = "user,firm,day,role,plan,seats\na,f,2026-01-01,owner,pro,3\n";
    let imported = import_by(&member, text);
    assert_eq!(imported.noticed(), [("columns_left_out", 1)]);
    let notice = &imported.summary.notices.0[&NoticeCode::ColumnsLeftOut];
    assert_eq!(notice.examples[0].seen, "plan, seats");
    let dropped = [&member[..], &[("drop", "plan,seats")]].concat();
    assert_eq!(import_by(&dropped, text).noticed(), []);

    let link = [
        ("kind", "link"),
        ("time", "t"),
        ("person", "who.id"),
        ("anonymous", "device"),
        ("account", "firm"),
    ];
    let imported = import_by(
        &link,
        r#"{"t":"2026-01-01","who":{"id":"a","name":"Ada"},"device":"d","firm":"f","os":"x"}"#,
    );
    let notice = &imported.summary.notices.0[&NoticeCode::ColumnsLeftOut];
    assert_eq!(notice.examples[0].seen, "firm, os");

    let named = [("kind", "number"), ("event_name", "health"), ("time", "t"), ("account", "firm")];
    let imported = import_by(&named, "firm,t,value,note\nf,2026-01-01,7,good\n");
    assert_eq!(imported.noticed(), [("columns_left_out", 1)]);
}

#[test]
fn a_file_without_records_says_so() {
    for text in ["", "user,day\n", "\n\n"] {
        assert_eq!(import_by(LOGIN, text).noticed(), [("no_records", 1)], "{text:?}");
    }
    assert_eq!(import("").noticed(), [("no_records", 1)]);
}

#[test]
fn nothing_usable_at_the_beginning_stops_with_the_first_reason() {
    let text = "user,day\n".to_owned() + &"a,yesterday\n".repeat(50);
    let map = crate::support::map(LOGIN);
    let error = run_mapped(Some(&map), |it| it.give_up_after = Some(20), vec![input(&text)]);
    let error = error.unwrap_err();
    assert!(matches!(error, ImportError::NothingUsable { .. }));
    insta::assert_snapshot!(error.help().unwrap(), @"The first, on line 2: `yesterday` in `day` is not a time.");
    let rejects = run_mapped(Some(&map), |it| it.give_up_after = None, vec![input(&text)]).unwrap();
    assert_eq!(rejects.rejects.len(), 50);
}

#[test]
fn an_unknown_shape_is_answered_with_a_proposal() {
    insta::assert_snapshot!(refuse(
        &[],
        "usage_id;account_id;used on;feature;n\nU-1;A-1;23-12-2025;export;3\nU-2;A-1;24-12-2025;import;1\n"
    ));
    insta::assert_snapshot!(
        "a_file_without_a_header",
        refuse(&[], "1,2026-01-01,ada@acme.test\n2,2026-01-02,bo@acme.test\n")
    );
}

#[test]
fn a_proposal_names_the_encoding_of_a_file_that_is_not_utf_8() {
    let shown =
        refuse(&[], b"user,day,name\na,2026-01-01,Zo\xEB\nb,2026-01-02,Bo\na,2026-01-03,Cy\n");
    assert!(shown.contains("encoding: latin-1"), "{shown}");
}

#[test]
fn a_mapping_that_does_not_fit_is_refused_with_the_nearest_column() {
    insta::assert_snapshot!(refuse(LOGIN, "user_id,day\na,2026-01-01\n"), @"
    error: the mapping does not fit `events.txt`: there is no column `user` for `person`

    Did you mean `user_id`?
    ");
    insta::assert_snapshot!(refuse(&[("time", "day"), ("person", "user")], "user,day\na,2026-01-01\n"), @"
    error: the mapping does not fit `events.txt`: nothing says what the events are called

    Name their column with `event`, or give all of them one name with `event_name`.
    ");
}

#[test]
fn what_is_no_text_is_named() {
    let zip = run(|_| {}, vec![input(b"PK\x03\x04....")]).unwrap_err();
    assert_eq!(zip.to_string(), "`events.txt` is a zip archive");
    let label = try_import_by(
        &[("event_name", "x"), ("time", "t"), ("person", "p"), ("encoding", "klingon")],
        "t,p\n",
    );
    assert!(label.unwrap_err().to_string().contains("there is no encoding `klingon`"));
}

#[test]
fn a_compressed_file_that_breaks_off_gives_what_it_holds_and_then_fails() {
    use std::fmt::Write as _;
    use std::io::Write as _;
    let mut text = String::from("user,day\n");
    for n in 0..50_000 {
        writeln!(text, "user-{n},2026-01-01").unwrap();
    }
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    let whole = gzip.finish().unwrap();
    assert_eq!(import_by(LOGIN, &whole).facts.len(), 50_000);
    let error = try_import_by(LOGIN, &whole[..whole.len() / 2]).unwrap_err();
    assert!(matches!(error, ImportError::Read { line, .. } if line > 10_000), "{error:?}");

    let zstd = zstd::encode_all(text.as_bytes(), 1).unwrap();
    assert_eq!(import_by(LOGIN, &zstd).facts.len(), 50_000);
}

#[test]
fn the_documentation_lists_every_code_with_its_meaning() {
    let docs = include_str!("../../../../docs/import.md");
    let rejects = RejectCode::ALL.iter().map(|it| (it.code(), it.meaning()));
    let notices = NoticeCode::ALL.iter().map(|it| (it.code(), it.meaning()));
    for (code, meaning) in rejects.chain(notices) {
        let row = format!("| `{code}` | {meaning} |");
        assert!(docs.contains(&row), "docs/import.md lacks {row}");
    }
}
