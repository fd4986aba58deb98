//! Whose an anonymous id is, and when.

use firsthand_model::Time;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::names::{Name, Names};
use super::series::{Change, Known, Point, Run, Series};

/// All links of anonymous ids to users.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Links {
    by_anonymous: FxHashMap<Name, Series<Name>>,
    /// The anonymous ids of each user, by the time of their first link, up to the limit. Those
    /// beyond it are refused.
    by_user: FxHashMap<Name, Vec<(Time, Name)>>,
}

/// What a link changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Linked {
    /// Whether anything of the anonymous id may now belong elsewhere.
    pub changed: bool,
    /// Whether the user has too many anonymous ids for this one to count.
    pub refused: bool,
    /// The anonymous id that had to give way to this one.
    pub displaced: Option<Name>,
}

impl Links {
    /// Takes in a link.
    pub fn say(
        &mut self,
        anonymous: Name,
        link: Point<Name>,
        limit: usize,
        names: &Names,
    ) -> Linked {
        let series = self.by_anonymous.entry(anonymous).or_default();
        let changed = series.insert(link, |a, b| names.order(a, b)) == Change::New;
        let devices = self.by_user.entry(link.value).or_default();
        let before = devices.iter().position(|it| it.1 == anonymous);
        if before.is_some_and(|at| devices[at].0 <= link.time) {
            return Linked { changed, ..Linked::default() };
        }

        if let Some(at) = before {
            devices.remove(at);
        }
        let at = devices.partition_point(|it| {
            it.0.cmp(&link.time).then_with(|| names.order(it.1, anonymous)).is_lt()
        });
        devices.insert(at, (link.time, anonymous));
        let displaced = if devices.len() > limit { devices.pop().map(|it| it.1) } else { None };
        let refused = displaced == Some(anonymous);
        Linked { changed: changed && !refused, refused, displaced: displaced.filter(|_| !refused) }
    }

    /// The user whose an anonymous id was at `time`: by the latest link at or before, else by
    /// the first after.
    pub fn owner(&self, anonymous: Name, time: Time) -> Option<Run<Name>> {
        self.by_anonymous.get(&anonymous)?.at_or_first(time, |user| self.admits(user, anonymous))
    }

    /// Every user whose the anonymous id ever was.
    pub fn owners(&self, anonymous: Name) -> impl Iterator<Item = Name> {
        let points = self.by_anonymous.get(&anonymous).map_or(&[][..], Series::points);
        points.iter().map(|it| it.value).filter(move |&user| self.admits(user, anonymous))
    }

    /// Every anonymous id that was ever the user's.
    pub fn devices(&self, user: Name) -> impl Iterator<Item = Name> {
        self.by_user.get(&user).into_iter().flatten().map(|it| it.1)
    }

    /// Every anonymous id that was ever the user's, with when it was first linked and when we heard
    /// that.
    pub fn first_links(&self, user: Name) -> impl Iterator<Item = (Name, Time, Known)> {
        self.by_user.get(&user).into_iter().flatten().map(move |&(time, device)| {
            let points = self.by_anonymous.get(&device).map_or(&[][..], Series::points);
            let said = points.iter().find(|it| it.value == user && it.time == time);
            (device, time, said.map_or(Known::UNTOLD, |it| it.known))
        })
    }

    /// Everything that was said, to be said to another.
    pub fn points(&self) -> impl Iterator<Item = (Name, Point<Name>)> {
        self.by_anonymous
            .iter()
            .flat_map(|(&anonymous, series)| series.points().iter().map(move |it| (anonymous, *it)))
    }

    /// Whether a link does not count, because the user has as many anonymous ids linked earlier.
    pub fn refuses(&self, user: Name, anonymous: Name, limit: usize) -> bool {
        let linked = self.by_user.get(&user);
        linked.is_some_and(|it| it.len() >= limit && it.iter().all(|it| it.1 != anonymous))
    }

    fn admits(&self, user: Name, anonymous: Name) -> bool {
        self.devices(user).any(|it| it == anonymous)
    }
}
