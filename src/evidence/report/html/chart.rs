//! Answers over time as stacked bars.

use askama::Template;

use super::super::model::{Report, Step};

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 240.0;
/// Room for the numbers left of the bars, and for times and the axis' name below.
const LEFT: f64 = 56.0;
const BOTTOM: f64 = 44.0;
const TOP: f64 = 10.0;
/// Times that are written below the bars.
const LABELS_MAX: i64 = 8;
/// Part of a step that its bar fills.
const FILL: f64 = 0.8;

/// The chart.
#[derive(Debug, Template)]
#[template(path = "evidence/report/html/chart.svg", escape = "html")]
pub struct Chart {
    width: f64,
    height: f64,
    left: f64,
    base: f64,
    step: &'static str,
    description: String,
    bars: Vec<Bar>,
    lines: Vec<Line>,
    labels: Vec<Label>,
}

/// One part of a stack.
#[derive(Debug)]
struct Bar {
    class: &'static str,
    title: String,
    x: String,
    y: String,
    width: String,
    height: String,
}

/// A line across with its number.
#[derive(Debug)]
struct Line {
    y: String,
    number: u64,
}

/// A time below the bars.
#[derive(Debug)]
struct Label {
    x: String,
    text: String,
}

impl Chart {
    /// The chart of a report.
    pub fn of(report: &Report) -> Self {
        let (step, seconds, from, to) = match report.over_time.step {
            Step::Hour => ("hour (UTC)", 3600, 5, 16),
            Step::Day => ("day (UTC)", 86_400, 5, 10),
        };
        let moments = &report.over_time.steps;
        let at = |moment: &super::super::model::Moment| moment.time.timestamp().seconds;
        let first = moments.first().map_or(0, at);
        let count = moments
            .last()
            .map_or(0, |last| (at(last) - first) / seconds + 1);
        let most = moments.iter().map(|moment| moment.answers.total).max();
        let top = round_up(most.unwrap_or(0));
        let base = HEIGHT - BOTTOM;
        let scale = (base - TOP) / number(top);
        let wide = (WIDTH - LEFT) / (count.max(1) as f64);
        let mut bars = Vec::new();
        let mut labels = Vec::new();
        let every = (count / LABELS_MAX + 1).max(1);
        for moment in moments {
            let position = (at(moment) - first) / seconds;
            let x = LEFT + wide * (position as f64 + (1.0 - FILL) / 2.0);
            let time = moment.time.to_string();
            let text = time.get(from..to).unwrap_or_default().replace('T', " ");
            let answers = &moment.answers;
            let mut y = base;
            for (class, label, counted) in [
                (
                    "allowed",
                    "allowed",
                    answers.allowed.saturating_sub(answers.warned),
                ),
                ("warned", "allowed with a warning", answers.warned),
                ("refused", "refused", answers.refused),
            ] {
                if counted == 0 {
                    continue;
                }
                let height = number(counted) * scale;
                y -= height;
                bars.push(Bar {
                    class,
                    title: format!("{text}: {counted} {label}"),
                    x: format!("{x:.1}"),
                    y: format!("{y:.1}"),
                    width: format!("{:.1}", wide * FILL),
                    height: format!("{height:.1}"),
                });
            }
        }
        for position in (0..count).step_by(usize::try_from(every).unwrap_or(1)) {
            let time =
                admission_cel::value::Timestamp::utc(first + position * seconds, 0).to_string();
            labels.push(Label {
                x: format!("{:.1}", LEFT + wide * (position as f64 + 0.5)),
                text: time.get(from..to).unwrap_or_default().replace('T', " "),
            });
        }
        let lines = [0, top / 2, top].into_iter().map(|of| Line {
            y: format!("{:.1}", base - number(of) * scale),
            number: of,
        });
        let answers = &report.answers;
        Self {
            width: WIDTH,
            height: HEIGHT,
            left: LEFT,
            base,
            step,
            description: format!(
                "Bars by {step}: {} answers were allowed without a warning, {} with one, {} were refused.",
                answers.allowed.saturating_sub(answers.warned),
                answers.warned,
                answers.refused
            ),
            bars,
            lines: lines.collect(),
            labels,
        }
    }

    /// Whether there is anything to show.
    pub fn is_empty(&self) -> bool {
        self.bars.is_empty()
    }
}

#[expect(clippy::cast_precision_loss, reason = "pixels are coarser")]
fn number(count: u64) -> f64 {
    count as f64
}

/// The least even number of one digit and zeros that is not smaller.
fn round_up(most: u64) -> u64 {
    let mut unit = 1;
    while unit * 10 < most {
        unit *= 10;
    }
    let top = most.div_ceil(unit) * unit;
    match top {
        0 => 2,
        odd if odd % 2 == 1 => odd + 1,
        even => even,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_ends_at_a_round_number() {
        for (most, top) in [
            (0, 2),
            (1, 2),
            (3, 4),
            (10, 10),
            (11, 20),
            (64, 70),
            (999, 1000),
        ] {
            assert_eq!(round_up(most), top, "{most}");
        }
    }
}
