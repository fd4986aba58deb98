//! The words of the pages, in every language.
//!
//! A text stands once, with its three languages side by side, so that none can be forgotten: what
//! lacks one does not compile. `{name}` is filled in by [`fill`]. What comes from definitions and
//! data (reasons, names, evidence) is in the words of whoever wrote it.

mod admin;
mod data;
mod entitled;
mod figures;
mod following;
mod health;
mod identity;
mod imports;
mod leads;
mod outgoing;
mod reports;
mod settings;
mod shell;
mod timeline;
mod tour;
mod words;
mod workbench;

pub(crate) use admin::Admin;
pub(crate) use data::Data;
pub(crate) use entitled::Entitled;
pub(crate) use figures::Figures;
pub(crate) use following::Following;
pub(crate) use health::Health;
pub(crate) use identity::Identity;
pub(crate) use imports::Imports;
pub(crate) use leads::Leads;
pub(crate) use outgoing::Outgoing;
pub(crate) use reports::Reports;
pub(crate) use settings::Settings;
pub(crate) use shell::ShellTexts;
pub(crate) use timeline::Timeline;
pub(crate) use tour::TourTexts;
pub(crate) use words::Words;
pub(crate) use workbench::Bench;

/// Makes a struct of texts, each with its English, simplified and traditional Chinese.
macro_rules! texts {
    ($(#[$doc:meta])* $name:ident { $($key:ident: $en:literal, $hans:literal, $hant:literal;)* }) => {
        $(#[$doc])*
        #[allow(clippy::struct_field_names, reason = "some keys are named as their struct is")]
        pub(crate) struct $name {
            $(pub $key: &'static str,)*
        }

        impl $name {
            pub(super) const EN: Self = Self { $($key: $en,)* };
            pub(super) const HANS: Self = Self { $($key: $hans,)* };
            pub(super) const HANT: Self = Self { $($key: $hant,)* };

            #[cfg(test)]
            pub(super) const ALL: &[(&str, [&str; 3])] =
                &[$((stringify!($key), [$en, $hans, $hant]),)*];
        }
    };
}
use texts;

/// A language of the pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Language {
    #[default]
    English,
    /// Simplified.
    Hans,
    /// Traditional.
    Hant,
}

/// All words of the pages in one language.
pub(crate) struct Texts {
    pub shell: ShellTexts,
    pub words: Words,
    pub leads: Leads,
    pub data: Data,
    pub out: Outgoing,
    pub reports: Reports,
    pub entitled: Entitled,
    pub figures: Figures,
    pub following: Following,
    pub health: Health,
    pub who: Identity,
    pub admin: Admin,
    pub bench: Bench,
    pub timeline: Timeline,
    pub tour: TourTexts,
    pub imports: Imports,
    pub settings: Settings,
}

const EN: Texts = Texts {
    shell: ShellTexts::EN,
    words: Words::EN,
    leads: Leads::EN,
    data: Data::EN,
    out: Outgoing::EN,
    reports: Reports::EN,
    entitled: Entitled::EN,
    figures: Figures::EN,
    following: Following::EN,
    health: Health::EN,
    who: Identity::EN,
    admin: Admin::EN,
    bench: Bench::EN,
    timeline: Timeline::EN,
    tour: TourTexts::EN,
    imports: Imports::EN,
    settings: Settings::EN,
};
const HANS: Texts = Texts {
    shell: ShellTexts::HANS,
    words: Words::HANS,
    leads: Leads::HANS,
    data: Data::HANS,
    out: Outgoing::HANS,
    reports: Reports::HANS,
    entitled: Entitled::HANS,
    figures: Figures::HANS,
    following: Following::HANS,
    health: Health::HANS,
    who: Identity::HANS,
    admin: Admin::HANS,
    bench: Bench::HANS,
    timeline: Timeline::HANS,
    tour: TourTexts::HANS,
    imports: Imports::HANS,
    settings: Settings::HANS,
};
const HANT: Texts = Texts {
    shell: ShellTexts::HANT,
    words: Words::HANT,
    leads: Leads::HANT,
    data: Data::HANT,
    out: Outgoing::HANT,
    reports: Reports::HANT,
    entitled: Entitled::HANT,
    figures: Figures::HANT,
    following: Following::HANT,
    health: Health::HANT,
    who: Identity::HANT,
    admin: Admin::HANT,
    bench: Bench::HANT,
    timeline: Timeline::HANT,
    tour: TourTexts::HANT,
    imports: Imports::HANT,
    settings: Settings::HANT,
};

impl Language {
    pub const ALL: [Self; 3] = [Self::English, Self::Hans, Self::Hant];

    /// The tag in cookies and on the page (BCP 47).
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Hans => "zh-Hans",
            Self::Hant => "zh-Hant",
        }
    }

    /// What its readers call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Hans => "简体中文",
            Self::Hant => "繁體中文",
        }
    }

    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.tag() == tag)
    }

    /// The first language that a browser asks for and that there is.
    pub fn asked_for(accept: &str) -> Option<Self> {
        accept.split(',').find_map(|it| {
            let tag = it.split(';').next()?.trim().to_ascii_lowercase();
            match tag.split('-').collect::<Vec<_>>().as_slice() {
                ["en", ..] => Some(Self::English),
                ["zh", rest @ ..] => {
                    let traditional = ["hant", "tw", "hk", "mo"];
                    let hant = rest.iter().any(|it| traditional.contains(it));
                    Some(if hant { Self::Hant } else { Self::Hans })
                }
                _ => None,
            }
        })
    }

    pub const fn texts(self) -> &'static Texts {
        match self {
            Self::English => &EN,
            Self::Hans => &HANS,
            Self::Hant => &HANT,
        }
    }
}

/// Fills a text in.
pub(crate) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        filled.push_str(before);
        let value = values.iter().find(|(it, _)| *it == name).map(|it| it.1);
        filled.push_str(value.unwrap_or_default());
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// Fills in a number as `{n}`, with a text of its own for one.
pub(crate) fn counted(one: &str, many: &str, count: u64, shown: &str) -> String {
    fill(if count == 1 { one } else { many }, &[("n", shown)])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn all() -> Vec<(&'static str, [&'static str; 3])> {
        let parts = [
            ShellTexts::ALL,
            Words::ALL,
            Leads::ALL,
            Data::ALL,
            Outgoing::ALL,
            Reports::ALL,
            Entitled::ALL,
            Figures::ALL,
            Following::ALL,
            Health::ALL,
            Identity::ALL,
            Admin::ALL,
            Bench::ALL,
            Timeline::ALL,
            TourTexts::ALL,
            Imports::ALL,
            Settings::ALL,
        ];
        parts.concat()
    }

    fn names(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|it| it.split_once('}')).map(|it| it.0).collect()
    }

    #[test]
    fn every_text_is_there_in_every_language_with_the_same_values() {
        for (key, texts) in all() {
            for text in texts {
                assert!(!text.trim().is_empty(), "{key}");
                assert_eq!(names(text), names(texts[0]), "{key}: {text}");
            }
        }
    }

    #[test]
    fn no_chinese_text_was_left_in_english() {
        let chinese = |it: &str| it.chars().any(|it| ('\u{4e00}'..='\u{9fff}').contains(&it));
        for (key, [english, hans, hant]) in all() {
            // What is filled in, and abbreviations of the field, are the same everywhere.
            let own = fill(english, &[]);
            if own.chars().filter(char::is_ascii_alphabetic).count() > 3 {
                assert!(chinese(hans) && chinese(hant), "{key}: {hans} / {hant}");
            }
        }
    }

    #[test]
    fn chinese_has_its_own_commas_and_colons() {
        for (key, [_, hans, hant]) in all() {
            for text in [hans, hant] {
                let signs: Vec<char> = text.chars().collect();
                let wrong = signs.windows(2).any(|it| {
                    ('\u{4e00}'..='\u{9fff}').contains(&it[0]) && matches!(it[1], ',' | ':' | ';')
                });
                assert!(!wrong, "{key}: {text}");
            }
        }
    }

    #[test]
    fn texts_are_filled_in_by_name() {
        assert_eq!(fill("{b} of {a}{c}", &[("a", "10"), ("b", "7")]), "7 of 10");
        assert_eq!(counted("{n} lead", "{n} leads", 1, "1"), "1 lead");
        assert_eq!(counted("{n} lead", "{n} leads", 1_200, "1,200"), "1,200 leads");
    }

    #[test]
    fn a_browsers_wish_is_understood() {
        for (wish, language) in [
            ("de-DE,de;q=0.9,en;q=0.8", Some(Language::English)),
            ("zh-CN,zh;q=0.9", Some(Language::Hans)),
            ("zh-TW,en", Some(Language::Hant)),
            ("zh-Hant-HK", Some(Language::Hant)),
            ("fr", None),
        ] {
            assert_eq!(Language::asked_for(wish), language, "{wish}");
        }
    }
}
