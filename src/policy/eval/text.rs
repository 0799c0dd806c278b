//! Errors of an expression for a person at a terminal: the message, and a caret under the place.

use std::ops::Range;

use admission_cel::error::CompileErrors;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer as Snippets, Snippet};

/// How many compile errors are shown; the first ones tell what is wrong.
const ERRORS_SHOWN_MAX: usize = 20;

/// An expression that gave no value.
pub(super) struct Failure {
    /// cel-go's text.
    pub(super) message: String,
    /// What failed, as bytes of the expression.
    pub(super) place: Range<usize>,
    /// What was spent until then.
    pub(super) cost: u64,
    /// How to supply what it would have needed.
    pub(super) unknown: Option<&'static str>,
}

/// Renders the errors of one expression.
pub(super) struct Renderer<'e> {
    expression: &'e str,
    snippets: Snippets,
}

impl<'e> Renderer<'e> {
    pub(super) fn new(expression: &'e str, coloured: bool) -> Self {
        let snippets = if coloured {
            Snippets::styled()
        } else {
            Snippets::plain()
        };
        Self {
            expression,
            snippets,
        }
    }

    /// Why it does not compile.
    pub(super) fn compile_errors(&self, errors: &CompileErrors) -> String {
        let mut blocks: Vec<String> = errors
            .errors
            .iter()
            .take(ERRORS_SHOWN_MAX)
            .map(|error| {
                let title = Level::ERROR.primary_title(error.message.clone());
                let place = match error.line {
                    0 => 0..self.expression.len(),
                    _ => error.start..error.end,
                };
                self.snippets.render(&[title.element(self.snippet(place))])
            })
            .collect();
        let more = errors.errors.len().saturating_sub(ERRORS_SHOWN_MAX);
        if more > 0 {
            blocks.push(format!("error: and {more} more"));
        }
        blocks.join("\n\n")
    }

    /// Why its evaluation failed.
    pub(super) fn failure(&self, failure: &Failure) -> String {
        let title = Level::ERROR.primary_title(failure.message.clone());
        let mut group: Group<'_> = title.element(self.snippet(failure.place.clone()));
        if let Some(unknown) = failure.unknown {
            group = group.element(Level::HELP.message(unknown));
        }
        group = group.element(Level::NOTE.message(format!("cost: {}", failure.cost)));
        self.snippets.render(&[group])
    }

    fn snippet(&self, place: Range<usize>) -> Snippet<'e, annotate_snippets::Annotation<'e>> {
        let place = on_one_line(self.expression, place);
        Snippet::source(self.expression)
            .path("expression")
            .annotation(AnnotationKind::Primary.span(place))
    }
}

/// A place cut at the end of its first line, within the text.
fn on_one_line(text: &str, place: Range<usize>) -> Range<usize> {
    let start = place.start.min(text.len());
    let end = place.end.clamp(start, text.len());
    let end = text
        .get(start..end)
        .and_then(|part| part.find('\n'))
        .map_or(end, |length| start + length);
    start..end
}
