//! What the figures of a definition's health are.

/// The codes of the figures, with what each is, in one sentence.
pub const HEALTH_FIGURES: &[(&str, &str)] = &[
    ("weeks", "The last 12 full weeks of the record, with the entries that became known in each."),
    ("holds", "Of all that the definition judges, for how many it holds where the record ends."),
    ("open_leads", "Open leads that rest on it, without those of accounts that are held out."),
    (
        "volume",
        "Entries a week of the last 4 full weeks against the weeks before, as a ratio. Weeks that \
         differ among themselves more than chance would have it make its interval wider.",
    ),
    ("share", "The same of entries a week for each subject that had begun by then."),
    (
        "before",
        "Precision of the first qualifications that were known before the version was published.",
    ),
    ("since", "Precision of those known since. Not clear yet where the difference covers zero."),
];
