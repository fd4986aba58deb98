//! Two texts line by line, with what differs within a line.

/// A line of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// ` `, `−` or `+`.
    pub sign: char,
    /// Its number in the old text.
    pub old: Option<usize>,
    /// Its number in the new text.
    pub new: Option<usize>,
    /// What both have before what differs.
    pub before: String,
    /// What differs.
    pub changed: String,
    /// What both have behind it.
    pub behind: String,
}

/// Unchanged lines that are shown around a change.
const AROUND: usize = 2;
/// Longest text that is compared line by line, in lines; of longer ones all lines differ.
const LINES_MAX: usize = 2_000;

/// What has to become of the old text to make the new one; nothing where they are the same.
pub fn diff(old: &str, new: &str) -> Vec<Line> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    if old == new {
        return Vec::new();
    }
    let steps = steps(&old, &new);
    let changed: Vec<usize> =
        (0..steps.len()).filter(|it| !matches!(steps[*it], Step::Same(..))).collect();
    let near = |at: usize| changed.iter().any(|it| it.abs_diff(at) <= AROUND);
    let mut lines = Vec::new();
    let mut at = 0;
    while at < steps.len() {
        // A run of removed lines, then of added ones: in pairs, what they share is told apart.
        let removed = steps[at..].iter().take_while(|it| matches!(it, Step::Old(_))).count();
        let added =
            steps[at + removed..].iter().take_while(|it| matches!(it, Step::New(_))).count();
        if removed + added == 0 {
            if let Step::Same(o, n) = steps[at]
                && near(at)
            {
                lines.push(whole(' ', Some(o), Some(n), old[o]));
            }
            at += 1;
            continue;
        }
        for step in &steps[at..at + removed + added] {
            let (sign, o, n, text, other) = match *step {
                Step::Old(o) => {
                    let place = steps[at..].iter().position(|it| *it == Step::Old(o)).unwrap_or(0);
                    let other = steps.get(at + removed + place).filter(|_| place < added);
                    let other = other.and_then(|it| it.added(&new));
                    ('−', Some(o), None, old[o], other)
                }
                Step::New(n) => {
                    let place = steps[at + removed..].iter().position(|it| *it == Step::New(n));
                    let place = place.unwrap_or(0);
                    let other = steps.get(at + place).filter(|_| place < removed);
                    ('+', None, Some(n), new[n], other.and_then(|it| it.removed(&old)))
                }
                Step::Same(..) => continue,
            };
            lines.push(match other {
                Some(other) => parted(sign, o, n, text, other),
                None => whole(sign, o, n, text),
            });
        }
        at += removed + added;
    }
    lines
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Same(usize, usize),
    Old(usize),
    New(usize),
}

impl Step {
    fn removed<'t>(self, of: &[&'t str]) -> Option<&'t str> {
        if let Self::Old(at) = self { Some(of[at]) } else { None }
    }

    fn added<'t>(self, of: &[&'t str]) -> Option<&'t str> {
        if let Self::New(at) = self { Some(of[at]) } else { None }
    }
}

/// The shortest way from one to the other, by their longest common subsequence.
fn steps(old: &[&str], new: &[&str]) -> Vec<Step> {
    if old.len().max(new.len()) > LINES_MAX {
        return (0..old.len()).map(Step::Old).chain((0..new.len()).map(Step::New)).collect();
    }
    let width = new.len() + 1;
    let mut common = vec![0_u16; (old.len() + 1) * width];
    for o in (0..old.len()).rev() {
        for n in (0..new.len()).rev() {
            common[o * width + n] = if old[o] == new[n] {
                common[(o + 1) * width + n + 1] + 1
            } else {
                common[(o + 1) * width + n].max(common[o * width + n + 1])
            };
        }
    }
    let (mut o, mut n) = (0, 0);
    let mut steps = Vec::new();
    while o < old.len() || n < new.len() {
        if o < old.len() && n < new.len() && old[o] == new[n] {
            steps.push(Step::Same(o, n));
            (o, n) = (o + 1, n + 1);
        } else if o < old.len()
            && (n == new.len() || common[(o + 1) * width + n] >= common[o * width + n + 1])
        {
            steps.push(Step::Old(o));
            o += 1;
        } else {
            steps.push(Step::New(n));
            n += 1;
        }
    }
    steps
}

fn whole(sign: char, old: Option<usize>, new: Option<usize>, text: &str) -> Line {
    let (old, new) = (old.map(|it| it + 1), new.map(|it| it + 1));
    Line { sign, old, new, before: text.to_owned(), changed: String::new(), behind: String::new() }
}

/// A line with what it shares with another told apart from what differs.
fn parted(sign: char, old: Option<usize>, new: Option<usize>, text: &str, other: &str) -> Line {
    let same = |(a, b): &(char, char)| a == b;
    let before: usize =
        text.chars().zip(other.chars()).take_while(same).map(|(it, _)| it.len_utf8()).sum();
    let (rest, of_other) = (&text[before..], &other[before..]);
    let behind: usize = rest
        .chars()
        .rev()
        .zip(of_other.chars().rev())
        .take_while(same)
        .map(|(it, _)| it.len_utf8())
        .sum();
    let end = text.len() - behind;
    Line {
        sign,
        old: old.map(|it| it + 1),
        new: new.map(|it| it + 1),
        before: text[..before].to_owned(),
        changed: text[before..end].to_owned(),
        behind: text[end..].to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(old: &str, new: &str) -> Vec<String> {
        let one = |it: Line| format!("{}{}[{}]{}", it.sign, it.before, it.changed, it.behind);
        diff(old, new).into_iter().map(one).collect()
    }

    #[test]
    fn the_same_text_has_no_difference() {
        assert_eq!(diff("a\nb\n", "a\nb\n"), []);
    }

    #[test]
    fn a_changed_line_shows_what_changed_in_it() {
        let (old, new) = ("one\nusage >= 80% of it\nthree\n", "one\nusage >= 75% of it\nthree\n");
        let wanted = [" one[]", "−usage >= [80]% of it", "+usage >= [75]% of it", " three[]"];
        assert_eq!(shown(old, new), wanted);
    }

    #[test]
    fn lines_that_come_and_go_are_whole() {
        assert_eq!(shown("a\nb\n", "a\nc\nb\n"), [" a[]", "+c[]", " b[]"]);
        assert_eq!(shown("", "x\n"), ["+x[]"]);
        assert_eq!(shown("ä\n", "ö\n"), ["−[ä]", "+[ö]"]);
    }

    #[test]
    fn what_lies_far_from_a_change_is_left_out() {
        let old = (0..20).map(|it| it.to_string()).collect::<Vec<_>>().join("\n");
        let lines = diff(&old, &old.replace("10\n", "ten\n"));
        assert_eq!(lines.len(), 2 + 2 * AROUND);
        assert_eq!(lines[0].old, Some(9));
    }
}
