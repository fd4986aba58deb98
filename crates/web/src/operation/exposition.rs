//! Writes what is measured in the text format of Prometheus, version 0.0.4.

use std::borrow::Cow;
use std::fmt::Write;

use crate::backend::{Family, FamilyKind, Histogram, Sample, SampleValue};

pub(super) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

type Label = (&'static str, Cow<'static, str>);

/// Writes all families that have samples.
pub(super) fn write(families: &[Family]) -> String {
    let mut text = String::new();
    for family in families.iter().filter(|it| !it.samples.is_empty()) {
        // Writing to a text never fails.
        let _ = one(&mut text, family);
    }
    text
}

fn one(to: &mut String, family: &Family) -> std::fmt::Result {
    let Family { name, help, kind, samples } = family;
    let kind = match kind {
        FamilyKind::Counter => "counter",
        FamilyKind::Gauge => "gauge",
        FamilyKind::Histogram => "histogram",
    };
    writeln!(to, "# HELP {name} {}", help.replace('\\', "\\\\").replace('\n', "\\n"))?;
    writeln!(to, "# TYPE {name} {kind}")?;
    for Sample { labels, value } in samples {
        match value {
            SampleValue::Number(number) => line(to, name, "", labels, None, *number)?,
            SampleValue::Histogram(histogram) => buckets(to, name, labels, histogram)?,
        }
    }
    Ok(())
}

fn buckets(
    to: &mut String,
    name: &str,
    labels: &[Label],
    histogram: &Histogram,
) -> std::fmt::Result {
    let Histogram { bounds, counts, sum } = histogram;
    let mut total = 0;
    let bounds = bounds.iter().copied().chain([f64::INFINITY]);
    for (bound, count) in bounds.zip(counts) {
        total += count;
        line(to, name, "_bucket", labels, Some(bound), total as f64)?;
    }
    line(to, name, "_sum", labels, None, *sum)?;
    line(to, name, "_count", labels, None, total as f64)
}

fn line(
    to: &mut String,
    name: &str,
    suffix: &str,
    labels: &[Label],
    bound: Option<f64>,
    value: f64,
) -> std::fmt::Result {
    write!(to, "{name}{suffix}")?;
    let bound = bound.map(|it| ("le", Cow::Owned(number(it))));
    let mut before = '{';
    for (label, value) in labels.iter().chain(&bound) {
        let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        write!(to, "{before}{label}=\"{value}\"")?;
        before = ',';
    }
    if before == ',' {
        to.push('}');
    }
    writeln!(to, " {}", number(value))
}

fn number(value: f64) -> String {
    if value == f64::INFINITY { "+Inf".to_owned() } else { value.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_written_as_prometheus_reads_them() {
        let mut took = Histogram::new(&[0.1, 1.0]);
        for seconds in [0.05, 0.1, 0.5, 3.0] {
            took.observe(seconds);
        }
        let families = [
            Family {
                name: "took_seconds",
                help: "How long.",
                kind: FamilyKind::Histogram,
                samples: vec![Sample {
                    labels: vec![("route", "/a/{b}".into())],
                    value: SampleValue::Histogram(took),
                }],
            },
            Family {
                name: "calls_total",
                help: "Calls.",
                kind: FamilyKind::Counter,
                samples: vec![
                    Sample { labels: Vec::new(), value: SampleValue::Number(12.0) },
                    Sample {
                        labels: vec![("source", "a\"b\\c\nd".into())],
                        value: SampleValue::Number(0.5),
                    },
                ],
            },
            Family { name: "none", help: "", kind: FamilyKind::Gauge, samples: Vec::new() },
        ];

        insta::assert_snapshot!(write(&families), @r#"
        # HELP took_seconds How long.
        # TYPE took_seconds histogram
        took_seconds_bucket{route="/a/{b}",le="0.1"} 2
        took_seconds_bucket{route="/a/{b}",le="1"} 3
        took_seconds_bucket{route="/a/{b}",le="+Inf"} 4
        took_seconds_sum{route="/a/{b}"} 3.65
        took_seconds_count{route="/a/{b}"} 4
        # HELP calls_total Calls.
        # TYPE calls_total counter
        calls_total 12
        calls_total{source="a\"b\\c\nd"} 0.5
        "#);
    }
}
