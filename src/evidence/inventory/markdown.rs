//! The page as GitHub-flavoured Markdown.

use std::fmt::Write as _;

use super::page::{Cell, Page, Piece, Section, Table};

/// What GitHub takes for a mark, besides what only counts at the beginning of a line.
const MARKS: &[char] = &['\\', '`', '*', '_', '[', ']', '<', '>', '~', '|', '&'];

/// The page as text.
pub(super) fn render(page: &Page) -> String {
    let mut text = format!("# {}\n", escaped(page.title));
    for paragraph in &page.introduction {
        line(&mut text, format_args!("\n{}", escaped(paragraph)));
    }
    line(&mut text, format_args!("\n| What | Number |\n|---|---:|"));
    for (what, number) in &page.numbers {
        line(&mut text, format_args!("| {} | {number} |", escaped(what)));
    }
    for part in &page.sections {
        section(part, &mut text);
    }
    text
}

fn section(section: &Section, text: &mut String) {
    line(
        text,
        format_args!("\n## {}\n", pieces(&section.heading, false)),
    );
    for (name, fact) in &section.facts {
        line(text, format_args!("- {name}: {}", pieces(fact, false)));
    }
    for (position, part) in section.tables.iter().enumerate() {
        let is_first = section.facts.is_empty() && position == 0;
        table(part, if is_first { "" } else { "\n" }, text);
    }
}

fn table(table: &Table, before: &str, text: &mut String) {
    let columns = table.columns;
    line(
        text,
        format_args!("{before}**{}**\n", escaped(table.caption)),
    );
    line(text, format_args!("| {} |", columns.join(" | ")));
    line(text, format_args!("|{}", "---|".repeat(columns.len())));
    for row in &table.rows {
        let cells: Vec<String> = row.iter().map(cell).collect();
        line(text, format_args!("| {} |", cells.join(" | ")));
    }
}

fn cell(cell: &Cell) -> String {
    let lines: Vec<String> = cell.iter().map(|line| pieces(line, true)).collect();
    lines.join("<br>")
}

fn pieces(line: &[Piece], is_in_table: bool) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Text(text) => escaped(text),
        // Whatever stands around it, a bar ends a cell.
        Piece::Code(text) if is_in_table => code(text).replace('|', "\\|"),
        Piece::Code(text) => code(text),
    };
    line.iter().map(piece).collect()
}

/// A code span, fenced by more backticks than there are in it.
fn code(text: &str) -> String {
    let runs = text.split(|character| character != '`');
    let fence = "`".repeat(runs.map(str::len).max().unwrap_or_default() + 1);
    // A fence must not touch a backtick; the spaces are not shown.
    let space = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{space}{text}{space}{fence}")
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if MARKS.contains(&character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_stands_in_an_object_is_markup() {
        let cell = |piece| super::cell(&vec![vec![piece]]);
        for (text, as_text, as_code) in [
            ("a|b", r"a\|b", r"`a\|b`"),
            ("a`b", r"a\`b", "``a`b``"),
            ("`a``", r"\`a\`\`", "``` `a`` ```"),
            ("<script>*", r"\<script\>\*", "`<script>*`"),
        ] {
            assert_eq!(cell(Piece::Text(text.to_owned())), as_text);
            assert_eq!(cell(Piece::Code(text.to_owned())), as_code);
        }
    }
}
