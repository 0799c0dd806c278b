//! The page for a browser; it needs nothing else. Whatever is inserted is escaped, but for the style.

use askama::Template;

use super::page::{Page, Piece};
use crate::audit::render::{PROGRAM, VERSION};

/// What all pages share, and what this one adds.
const STYLE: &str = concat!(
    include_str!("../../page/base.css"),
    include_str!("style.css")
);

#[derive(Template)]
#[template(path = "evidence/inventory/page.html")]
struct Document<'p> {
    page: &'p Page,
}

/// The page as HTML.
///
/// # Errors
/// Never for text; the template's signature has it.
pub(super) fn render(page: &Page) -> askama::Result<String> {
    Document { page }.render()
}

impl Document<'_> {
    fn program(&self) -> &'static str {
        PROGRAM
    }

    fn version(&self) -> &'static str {
        VERSION
    }

    fn style(&self) -> &'static str {
        STYLE
    }
}
