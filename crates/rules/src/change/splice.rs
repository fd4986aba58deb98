//! One comparison in the place of another, and the way back for what is wrong with it.

use std::ops::Range;
use std::sync::Arc;

use firsthand_model::diagnostic::{Diagnostic, Problem, SourceText, sort};

use super::site::Site;
use super::wanted::Wanted;

/// A text with the given comparison in some places.
pub(super) struct Spliced {
    /// The text. Its file is the text itself, under the name of the file it stood in.
    pub text: SourceText,
    /// The places, in its bytes.
    places: Vec<Range<usize>>,
}

/// Puts the given comparison in the place of some others, which stand apart and in order.
pub(super) fn splice(text: &SourceText, sites: &[&Site], wanted: &Wanted) -> Spliced {
    let mut new = String::with_capacity(text.text.len());
    let mut places = Vec::new();
    let mut taken = 0;
    for Site { span, .. } in sites {
        new.push_str(&text.text[taken..span.start]);
        let old = &text.text[span.clone()];
        // What is around may hang on the parentheses: `(count(any) >= 3) for 7d`.
        let enclosed = wanted.is_negated() || (old.starts_with('(') && old.ends_with(')'));
        new.push_str(if enclosed { "(" } else { "" });
        places.push(new.len()..new.len() + wanted.written().len());
        new.push_str(wanted.written());
        new.push_str(if enclosed { ")" } else { "" });
        taken = span.end;
    }
    new.push_str(&text.text[taken..]);
    Spliced { text: SourceText::inline(&text.file.name, &new), places }
}

/// What is wrong with a changed project, as said of the given comparison: it was sound before.
/// Places outside the comparison become all of it.
pub(super) fn brought_back(
    wrong: Vec<Diagnostic>,
    spliced: &[Spliced],
    wanted: &Wanted,
) -> Vec<Problem> {
    let mut found: Vec<Problem> = Vec::new();
    let mut wrong = wrong;
    sort(&mut wrong);
    for Diagnostic { problem, file } in wrong {
        let span = spliced
            .iter()
            .filter(|it| Arc::ptr_eq(&it.text.file, &file))
            .flat_map(|it| &it.places)
            .find(|it| it.start <= problem.span.start && problem.span.end <= it.end)
            .map_or(wanted.span(), |place| {
                let moved = |at: usize| at - place.start + wanted.span().start;
                moved(problem.span.start)..moved(problem.span.end)
            });
        let problem = Problem { span, ..problem };
        // Said of each place where it stands, it is said once.
        if !found.contains(&problem) {
            found.push(problem);
        }
    }
    found
}
