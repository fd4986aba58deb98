//! What the fake says of who is who.

use firsthand_web::noun::{At, Example, Found, Hygiene};

fn found(id: &str, names: &[&str]) -> Found {
    let names = names.iter().map(|it| (*it).to_owned()).collect();
    Found { count: 1, examples: vec![Example { id: id.to_owned(), count: 2, names }] }
}

pub fn hygiene(at: At) -> Hygiene {
    Hygiene {
        at,
        persons: 120,
        with_account: 100,
        own_staff: 4,
        free_mail: 7,
        devices: 80,
        shared_devices: found("<tablet>", &["u1", "u2"]),
        many_ids: found("u1", &["d1", "d2"]),
        full: Found::default(),
        several_accounts: found("u2", &["acct_1", "acct_2"]),
        unmatched_domains: found("corp.example", &[]),
        split_domains: found("acme.example", &["acct_1", "acct_3"]),
        junk_ids: found("null", &[]),
        refused_links: 3,
    }
}
