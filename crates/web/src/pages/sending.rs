//! What the pages of plays, deliveries and channels share: their tabs, badges and words.

use std::collections::BTreeMap;

use super::error::PageError;
use super::shell::Shell;
use super::show::Show;
use super::texts::{Texts, fill};
use crate::app::App;
use crate::backend::{Brief, Role};
use crate::extract::{Limit, List};
use crate::noun::{Channel, DayHours, Delivery, DeliveryState, Frequency, Listing};

/// Rows on a page.
pub(super) const PAGE_ROWS: u32 = 50;
/// Seconds of a day.
const DAY_S: u64 = 86_400;
const WEEK_S: u64 = 7 * DAY_S;

/// One of the pages that belong together.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Plays,
    Deliveries,
    Held,
    Holdouts,
    Channels,
}

/// A tab: its title, where it leads, and whether it is here.
pub(crate) struct Tab {
    pub title: &'static str,
    pub to: &'static str,
    pub current: bool,
}

/// The tabs of these pages, as far as somebody may open them.
pub(super) fn tabs(shell: &Shell, here: Part) -> Vec<Tab> {
    let o = &shell.t.out;
    let all = [
        (Part::Plays, o.plays, "/plays"),
        (Part::Deliveries, o.tab_deliveries, "/deliveries"),
        (Part::Held, o.tab_held, "/held-back"),
        (Part::Holdouts, o.tab_holdouts, "/holdouts"),
        (Part::Channels, o.tab_channels, "/channels"),
    ];
    // Who answers leads is not told which accounts are left alone: they would be left alone no more.
    let may = |part: Part| part != Part::Holdouts || shell.user.role != Role::Rep;
    let tab = |(part, title, to)| Tab { title, to, current: part == here };
    all.into_iter().filter(|it| may(it.0)).map(tab).collect()
}

/// A badge: its class, icon and word.
#[derive(Clone, Copy)]
pub(crate) struct Badge {
    pub class: &'static str,
    pub icon: &'static str,
    pub word: &'static str,
}

impl Badge {
    pub const fn new(class: &'static str, icon: &'static str, word: &'static str) -> Self {
        Self { class, icon, word }
    }

    /// What became of a message.
    pub fn of_delivery(t: &Texts, it: &Delivery) -> Self {
        let o = &t.out;
        match it.state {
            DeliveryState::Pending if it.attempts > 0 => Self::new("warn", "clock", o.d_again),
            DeliveryState::Pending => Self::new("", "clock", o.d_waiting),
            DeliveryState::Sent => Self::new("good", "check", o.d_sent),
            DeliveryState::Dead => Self::new("bad", "stop", o.d_dead),
            DeliveryState::Cancelled => Self::new("", "undo", o.d_cancelled),
        }
    }

    /// How a channel does.
    pub fn of_channel(t: &Texts, it: &Channel) -> Self {
        let o = &t.out;
        if it.kind.is_none() {
            Self::new("", "minus", o.ch_gone)
        } else if it.stopped_at.is_some() {
            Self::new("bad", "stop", o.ch_stopped)
        } else if it.enabled {
            Self::new("good", "check", o.ch_open)
        } else {
            Self::new("", "minus", o.ch_off)
        }
    }
}

/// What a channel of a kind is called, and its icon. Kinds of messages are known as well.
pub(super) fn kind(t: &Texts, kind: &str) -> (&'static str, &'static str) {
    let o = &t.out;
    match kind {
        "in_app" | "in-app" => (o.step_in_app, "screen"),
        "email" => (o.step_email, "mail"),
        "slack" => (o.step_slack, "chat"),
        "webhook" => (o.step_webhook, "plug"),
        "hubspot" | "crm" | "crm-people" => (o.step_hubspot, "building"),
        _ => (o.step_other, "mail"),
    }
}

/// The same in a word, for tables.
pub(super) fn short_kind(t: &Texts, of: &str) -> &'static str {
    let o = &t.out;
    match of {
        "in_app" | "in-app" => o.k_in_app,
        "email" => o.k_email,
        "slack" => o.k_slack,
        "webhook" => o.k_webhook,
        "hubspot" | "crm" | "crm-people" => o.k_hubspot,
        other => kind(t, other).0,
    }
}

/// Why a message waits or was not sent, in the reader's language; as it was told where the reason is
/// none of those that we know.
pub(super) fn why(t: &Texts, reason: &str, told: &str) -> String {
    let o = &t.out;
    let known = match reason {
        "person_budget" => o.w_person_budget,
        "account_budget" => o.w_account_budget,
        "quiet_hours" => o.w_quiet_hours,
        "rep_works" => o.w_rep_works,
        "digest" => o.w_digest,
        "opted_out" => o.w_opted_out,
        "no_address" => o.w_no_address,
        "nobody" => o.w_nobody,
        "channel_off" => o.w_channel_off,
        "unwritten" => o.w_unwritten,
        _ => return told.to_owned(),
    };
    known.to_owned()
}

/// `1 a day`, `3 in 10 d`.
pub(super) fn rate(show: &Show, it: Frequency) -> String {
    let o = &show.t.out;
    let per = match it.within_s {
        DAY_S => Some(o.rate_day),
        WEEK_S => Some(o.rate_week),
        _ => None,
    };
    if let Some(per) = per {
        return fill(per, &[("n", &show.count(u64::from(it.count)))]);
    }
    let values = [("n", &*show.count(u64::from(it.count))), ("span", &long(show, it.within_s))];
    fill(o.rate, &values)
}

/// A share with the place behind the comma that it may have: `12.5%`.
pub(super) fn percent(share: f64) -> String {
    let text = format!("{:.1}", share * 100.0);
    format!("{}%", text.strip_suffix(".0").unwrap_or(&text))
}

/// `20:00 to 08:00, where the person is`.
pub(super) fn hours(show: &Show, it: DayHours) -> String {
    let clock = |min: u32| format!("{:02}:{:02}", min / 60, min % 60);
    let (from, to) = (clock(it.from_min), clock(it.to_min));
    fill(show.t.out.b_quiet_value, &[("from", &from), ("to", &to)])
}

/// A length of time in seconds.
pub(super) fn long(show: &Show, seconds: u64) -> String {
    // One day is told as hours nowhere else either.
    let seconds = i64::try_from(seconds.min(DAY_S * 36_500)).unwrap_or(0);
    show.span(firsthand_model::Span::SECOND.times(seconds))
}

/// The account's name, else its id.
pub(super) fn name_of(briefs: &BTreeMap<String, Brief>, account: &str) -> String {
    let name = briefs.get(account).and_then(|it| it.name.clone());
    name.unwrap_or_else(|| account.to_owned())
}

/// Accounts in a few words; nothing while the server cannot say.
pub(super) async fn briefs<'a>(
    app: &App,
    accounts: impl Iterator<Item = &'a str>,
) -> Result<BTreeMap<String, Brief>, PageError> {
    let mut accounts: Vec<String> = accounts.map(str::to_owned).collect();
    accounts.sort_unstable();
    accounts.dedup();
    Ok(app.backend.briefs(accounts).await?)
}

/// Which part of a list an address asks for; the first where its cursor is none of ours.
pub(super) fn part(list: &List, cursor: &str) -> Listing {
    let cursor = Some(cursor).filter(|it| !it.is_empty());
    let first = Listing { limit: PAGE_ROWS, after: None };
    list.part(Limit(PAGE_ROWS), cursor).unwrap_or(first)
}

/// An address's query, without what is empty.
pub(super) fn query(pairs: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs.iter().filter(|it| !it.1.is_empty()));
    query.finish()
}

#[cfg(test)]
mod tests {
    use super::super::texts::Language;
    use super::*;
    use crate::noun::At;
    use firsthand_model::{Calendar, Time};

    fn delivery(state: DeliveryState, attempts: u32) -> Delivery {
        let at = At(Time(0));
        Delivery {
            id: String::new(),
            channel: String::new(),
            kind: None,
            play: None,
            receiver: None,
            receiver_name: None,
            lead: None,
            account: None,
            state,
            queued_at: at,
            due_at: at,
            attempts,
            error: None,
        }
    }

    #[test]
    fn one_word_means_one_state() {
        use DeliveryState as S;
        let t = Language::English.texts();
        let told =
            [(S::Pending, 0), (S::Pending, 2), (S::Sent, 1), (S::Dead, 8), (S::Cancelled, 0)]
                .map(|(state, attempts)| Badge::of_delivery(t, &delivery(state, attempts)).word);
        assert_eq!(told, ["Waiting", "Trying again", "Delivered", "Given up", "Called back"]);
    }

    #[test]
    fn rates_and_hours_are_told_in_words() {
        let t = Language::English.texts();
        let show = Show { t, calendar: Calendar::default(), now: Time(0) };
        let told = |days: u64| rate(&show, Frequency { count: 3, within_s: days * 86_400 });
        assert_eq!([1, 7, 90].map(told), ["3 a day", "3 a week", "3 in 90 d"]);
        let quiet = DayHours { from_min: 20 * 60, to_min: 7 * 60 + 30 };
        assert_eq!(hours(&show, quiet), "20:00 to 07:30, where the person is");
    }

    #[test]
    fn a_share_keeps_its_half_percent() {
        assert_eq!([0.1, 0.125, 1.0].map(percent), ["10%", "12.5%", "100%"]);
    }

    #[test]
    fn a_reason_that_is_not_known_is_told_as_it_came() {
        let t = Language::Hans.texts();
        assert_eq!(why(t, "digest", "x"), t.out.w_digest);
        assert_eq!(why(t, "comet", "a comet struck"), "a comet struck");
    }
}
