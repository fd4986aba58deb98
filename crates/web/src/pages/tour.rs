//! A guided tour of the pages, for the demo's company: a strip at the top of each page it stops at.

use axum::http::Uri;

use super::texts::{Texts, TourTexts, fill};

/// A page that the tour stops at, and what is said there.
type Stop = (&'static str, fn(&TourTexts) -> &'static str);

/// Where it stops. The accounts are those that the demo has written out.
const STOPS: [Stop; 8] = [
    ("/leads", |it| it.inbox),
    ("/accounts/acme-bikes", |it| it.ripe),
    ("/accounts/blue-door-yoga", |it| it.not_yet),
    ("/definitions/outgrowing-free", |it| it.define),
    ("/reports", |it| it.prove),
    ("/plays/room-to-grow", |it| it.act),
    ("/deliveries", |it| it.sent),
    ("/sources", |it| it.feed),
];

/// What the strip says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tour {
    pub text: &'static str,
    /// Which stop of how many; nothing where the tour is only offered.
    pub stop: Option<String>,
    pub back: Option<String>,
    /// The next stop's address and the words on its button; nothing at the last.
    pub next: Option<(String, String)>,
    /// Where the tour is left.
    pub end: Option<&'static str>,
}

impl Tour {
    /// What is said on a page: the stop that its address names, else the offer where it begins.
    pub fn at(t: &'static Texts, uri: &Uri) -> Option<Self> {
        let words = &t.tour;
        let query = uri.query().unwrap_or_default();
        let asked = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "tour");
        let number = asked.and_then(|(_, value)| value.parse::<usize>().ok());
        let (path, _) = STOPS[0];
        let Some(number) = number else {
            return (uri.path() == path && query.is_empty()).then(|| Self {
                text: words.offer,
                stop: None,
                back: None,
                next: address(1)
                    .map(|to| (to, fill(words.start, &[("n", &STOPS.len().to_string())]))),
                end: None,
            });
        };
        let (path, text) = STOPS.get(number.checked_sub(1)?)?;
        (uri.path() == *path).then(|| Self {
            text: text(words),
            stop: Some(fill(
                words.stop,
                &[("n", &number.to_string()), ("m", &STOPS.len().to_string())],
            )),
            back: number.checked_sub(1).and_then(address),
            next: address(number + 1).map(|to| (to, words.next.to_owned())),
            end: Some(path),
        })
    }
}

/// The address of a stop, counted from 1.
fn address(number: usize) -> Option<String> {
    let (path, _) = STOPS.get(number.checked_sub(1)?)?;
    Some(format!("{path}?tour={number}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::texts::Language;

    fn at(address: &str) -> Option<Tour> {
        Tour::at(Language::English.texts(), &address.parse().unwrap())
    }

    #[test]
    fn it_is_offered_where_it_begins_and_leads_from_stop_to_stop() {
        let mut next = at("/leads").and_then(|it| it.next);
        let mut stops = 0;
        while let Some((to, _)) = next {
            let tour = at(&to).unwrap();
            assert_eq!(tour.back.is_none(), stops == 0);
            stops += 1;
            next = tour.next;
        }
        assert_eq!(stops, STOPS.len());
    }

    #[test]
    fn elsewhere_nothing_is_said() {
        for address in
            ["/keys", "/leads?view=open", "/leads?tour=2", "/leads?tour=0", "/leads?tour=x"]
        {
            assert_eq!(at(address).filter(|it| it.stop.is_some()), None, "{address}");
        }
        assert_eq!(at("/keys"), None);
    }
}
