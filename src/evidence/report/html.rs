//! A report as one page that needs nothing else, for a browser or a printer.

use askama::Template;
use serde::Serialize;

mod chart;

use self::chart::Chart;
use super::model::{Control, ExceptionState, Group, Report};
use super::reference::{Earliest, Reference};
use crate::evidence::record::Time;

/// What all pages share, and what this one adds.
const STYLE: &str = concat!(
    include_str!("../../page/base.css"),
    include_str!("html/style.css")
);
/// References that are shown behind one number; JSON has more.
const REFERENCES_SHOWN: usize = 4;
/// Items of a change of configuration that are named.
const ITEMS_SHOWN: usize = 8;
/// Seconds of what lifetimes are told in, the longest first.
const UNITS: [(i64, &str); 3] = [(86_400, "d"), (3600, "h"), (60, "min")];

#[derive(Template)]
#[template(path = "evidence/report/html/page.html")]
struct Page<'r> {
    report: &'r Report,
    chart: Chart,
}

/// A number at the top.
struct Tile {
    class: &'static str,
    label: &'static str,
    number: u64,
}

/// The page.
///
/// # Errors
/// Never for this template; its signature has it.
pub fn page(report: &Report) -> askama::Result<String> {
    let chart = Chart::of(report);
    Page { report, chart }.render()
}

impl Page<'_> {
    fn style(&self) -> &'static str {
        STYLE
    }

    fn verdict(&self) -> &'static str {
        match self.report.holds {
            true => "logs hold",
            false => "logs do not hold",
        }
    }

    fn begin(&self) -> String {
        time(self.report.begin())
    }

    fn end(&self) -> String {
        time(self.report.end())
    }

    /// What matters first, as numbers.
    fn tiles(&self) -> Vec<Tile> {
        let report = self.report;
        let answers = &report.answers;
        let exceptions = report.exceptions.iter();
        let expired = exceptions.filter(|exception| exception.state == ExceptionState::Expired);
        let tile = |class, label, number| Tile {
            class,
            label,
            number,
        };
        vec![
            tile("", "answers", answers.total),
            tile("pass", "allowed", answers.allowed),
            tile("deny", "refused", answers.refused),
            tile("warn", "allowed with a warning", answers.warned),
            tile("", "allowed by exception", answers.excepted),
            tile("warn", "not judged", answers.failed),
            tile("deny", "break-glass uses", report.break_glass.total),
            tile("deny", "records lost", report.gaps.lost),
            tile("warn", "expired exceptions", expired.count() as u64),
            tile(
                "warn",
                "never closed",
                report.investigations.never_closed.total,
            ),
        ]
    }

    /// Lists of groups, each with how many are left out.
    fn groups(&self) -> [(&'static str, &[Group], usize); 3] {
        let (report, left_out) = (self.report, &self.report.groups_left_out);
        [
            ("phase", &report.phases, left_out.phases),
            ("namespace", &report.namespaces, left_out.namespaces),
            ("user", &report.users, left_out.users),
        ]
    }

    /// How a value of an enumeration is written.
    fn name(&self, value: &impl Serialize) -> String {
        super::name(value)
    }

    /// Names, or what is said for none.
    fn list(&self, names: &[String], none: &str) -> String {
        match names.is_empty() {
            true => none.to_owned(),
            false => names.join(", "),
        }
    }

    /// Where a log is told of.
    fn anchor(&self, origin: &str) -> usize {
        let mut logs = self.report.logs.iter();
        let position = logs.position(|log| log.origin.as_deref() == Some(origin));
        position.map_or(0, |position| position + 1)
    }

    /// The first references, and how many more there are.
    fn references<'e, T, const N: usize>(
        &self,
        records: &'e Earliest<T, N>,
    ) -> (Vec<&'e Reference>, u64) {
        let shown: Vec<&Reference> = records.shown.keys().take(REFERENCES_SHOWN).collect();
        let more = records.total.saturating_sub(shown.len() as u64);
        (shown, more)
    }

    fn items(&self, items: &[super::model::ConfigurationItem]) -> String {
        let named = items.iter().take(ITEMS_SHOWN).map(|item| {
            let change = super::name(&item.change);
            match item.paths.is_empty() {
                true => format!("{} {change}", item.name),
                false => format!("{} {change} ({})", item.name, item.paths.join(", ")),
            }
        });
        let named = named.collect::<Vec<_>>().join(", ");
        match items.len().saturating_sub(ITEMS_SHOWN) {
            0 => named,
            more => format!("{named} and {more} more"),
        }
    }

    /// A lifetime in words.
    fn lifetime(&self, shortest: &Option<i64>, longest: &Option<i64>) -> String {
        match (shortest, longest) {
            (Some(one), Some(other)) if one == other => duration(*one),
            (Some(one), Some(other)) => format!("{} to {}", duration(*one), duration(*other)),
            _ => "not stated".to_owned(),
        }
    }

    /// A deadline in words.
    fn deadline(&self, seconds: &Option<i64>) -> String {
        seconds.map_or_else(|| "none stated".to_owned(), duration)
    }

    /// In which baseline it is.
    fn selected(&self, control: &Control) -> String {
        control.supported.selected()
    }

    /// A time to the second.
    fn time(&self, time: &Time) -> String {
        self::time(Some(*time))
    }
}

fn time(time: Option<Time>) -> String {
    time.map_or_else(
        || "–".to_owned(),
        |time| crate::page::to_the_second(time.timestamp()).replace('T', " "),
    )
}

fn duration(seconds: i64) -> String {
    let unit = UNITS
        .iter()
        .find(|(unit, _)| seconds >= *unit && seconds % unit == 0);
    match unit {
        Some((unit, name)) => format!("{} {name}", seconds / unit),
        None => format!("{seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_told_in_the_largest_unit_that_divides_it() {
        for (seconds, text) in [
            (0, "0 s"),
            (90, "90 s"),
            (600, "10 min"),
            (3600, "1 h"),
            (172_800, "2 d"),
        ] {
            assert_eq!(duration(seconds), text);
        }
    }
}
