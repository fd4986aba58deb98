//! Figures and names as comments and conditions write them.

use firsthand_model::Text;

/// `12,304`.
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 account`, `12,304 accounts`.
pub fn counted(value: u64, one: &str) -> String {
    match (value, one) {
        (1, _) => format!("1 {one}"),
        (_, "person") => format!("{} people", count(value)),
        _ => format!("{} {one}s", count(value)),
    }
}

/// `once`, `12,304 times`.
pub fn times(value: u64) -> String {
    if value == 1 { "once".to_owned() } else { format!("{} times", count(value)) }
}

/// `74 %`, `0.4 %`; `0 %` of nothing.
pub fn share(part: u64, of: u64) -> String {
    let share = 100.0 * part as f64 / of.max(1) as f64;
    let places = usize::from(share > 0.0 && share < 9.95);
    format!("{share:.places$} %")
}

/// `` `a` ``, `` `a` and `b` ``, `` `a`, `b` and 3 more ``.
pub fn names<'n>(all: impl IntoIterator<Item = &'n Text>) -> String {
    const SHOWN_MAX: usize = 4;
    let all: Vec<&Text> = all.into_iter().collect();
    let shown = if all.len() > SHOWN_MAX + 1 { SHOWN_MAX } else { all.len() };
    let mut parts: Vec<String> = all[..shown].iter().map(|it| format!("`{it}`")).collect();
    if shown < all.len() {
        parts.push(format!("{} more", all.len() - shown));
    }
    match parts.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

/// A text in the language's quotes.
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))
}

/// Events in the language: `"A"`, `("A", "B")`.
pub fn events<'n>(names: impl IntoIterator<Item = &'n Text>) -> String {
    let names: Vec<String> = names.into_iter().map(|it| quoted(it)).collect();
    match names.as_slice() {
        [one] => one.clone(),
        _ => format!("({})", names.join(", ")),
    }
}

/// A comparison of a value with texts: `V = "a"`, `V in ("a", "b")`.
pub fn is_one_of(value: &str, texts: &[Text]) -> String {
    if let [one] = texts {
        return format!("{value} = {}", quoted(one));
    }
    let texts: Vec<String> = texts.iter().map(|it| quoted(it)).collect();
    format!("{value} in ({})", texts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_and_names_read_well() {
        assert_eq!((count(7), count(12_304)), ("7".into(), "12,304".into()));
        assert_eq!((share(74, 100), share(4, 1_000)), ("74 %".into(), "0.4 %".into()));
        assert_eq!((share(0, 0), share(5, 5)), ("0 %".into(), "100 %".into()));
        let all: Vec<Text> = ["a", "b", "c", "d", "e", "f"].map(Text::from).into();
        assert_eq!(names(&all[..1]), "`a`");
        assert_eq!(names(&all[..2]), "`a` and `b`");
        assert_eq!(names(&all), "`a`, `b`, `c`, `d` and 2 more");
        assert_eq!(events(&all[..2]), r#"("a", "b")"#);
        assert_eq!(quoted(r#"a "b" \ c"#), r#""a \"b\" \\ c""#);
        assert_eq!(is_one_of("x", &all[..2]), r#"x in ("a", "b")"#);
    }
}
