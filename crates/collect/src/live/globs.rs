//! Names of events with `*` for any letters.

use firsthand_model::Text;

/// Names and globs, compared without case.
#[derive(Clone, Debug, Default)]
pub(super) struct Globs(Vec<Text>);

impl Globs {
    pub(super) fn new<'a>(globs: impl Iterator<Item = &'a str>) -> Self {
        Self(globs.map(|it| it.to_lowercase().into()).collect())
    }

    /// Whether a name fits one of them.
    pub(super) fn fit(&self, name: &str) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let name = name.to_lowercase();
        self.0.iter().any(|it| fits(it, &name))
    }
}

fn fits(glob: &str, name: &str) -> bool {
    let Some((head, rest)) = glob.split_once('*') else {
        return glob == name;
    };
    let Some(mut left) = name.strip_prefix(head) else {
        return false;
    };
    let Some((middle, tail)) = rest.rsplit_once('*') else {
        return left.ends_with(rest);
    };
    for part in middle.split('*') {
        let Some(at) = left.find(part) else {
            return false;
        };
        left = &left[at + part.len()..];
    }
    left.ends_with(tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_letters_and_case_does_not_matter() {
        let fit = |glob: &str, name| Globs::new([glob].into_iter()).fit(name);
        for (glob, name) in [
            ("$autocapture", "$AutoCapture"),
            ("debug *", "Debug x"),
            ("*", ""),
            ("*clicked", "CTA clicked"),
            ("a*b*c", "aXbYc"),
            ("a*b*b", "abb"),
        ] {
            assert!(fit(glob, name), "{glob} {name}");
        }
        for (glob, name) in [("debug", "debug x"), ("a*b*c", "acb"), ("a*a", "a"), ("a*b*b", "ab")]
        {
            assert!(!fit(glob, name), "{glob} {name}");
        }
        assert!(!Globs::default().fit(""));
    }
}
