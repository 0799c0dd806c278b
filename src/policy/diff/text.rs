//! What changes, for a person at a terminal.

use std::io::{self, Write};

use super::changes::{Change, Changed};
use super::collect::Found;
use crate::audit::outcome::Severity;
use crate::policy::prose::count;

/// Prints the changes and a summary of `objects` objects.
pub(super) fn print(changed: &[Changed], objects: usize, output: &mut dyn Write) -> io::Result<()> {
    for object in changed {
        writeln!(output, "{}: {}", object.file, object.name)?;
        for change in &object.changes {
            write!(output, "{}", text(change))?;
        }
        if object.completed_differently {
            writeln!(output, "  completed differently")?;
        }
        writeln!(output)?;
    }
    let judged = count(objects, "object");
    if changed.is_empty() {
        return writeln!(output, "{judged} judged by both, nothing changes");
    }
    let changes = changed.iter().map(|object| object.changes.len()).sum();
    let verb = if changes == 1 { "differs" } else { "differ" };
    let changes = count(changes, "verdict");
    let objects = count(changed.len(), "object");
    writeln!(
        output,
        "{judged} judged by both, {changes} of {objects} {verb}"
    )
}

fn text(change: &Change) -> String {
    match (&change.old, &change.new) {
        (Some(old), Some(new)) if old.severity == new.severity => {
            format!("  other message:\n    - {}\n    + {}\n", old.line, new.line)
        }
        (Some(old), Some(new)) => {
            format!("  {}, was {}:\n    {}\n", verb(new), verb(old), new.line)
        }
        (None, Some(new)) => format!("  newly {}:\n    + {}\n", verb(new), new.line),
        (Some(old), None) => format!("  no longer {}:\n    - {}\n", verb(old), old.line),
        (None, None) => String::new(),
    }
}

fn verb(found: &Found) -> &'static str {
    match found.severity {
        Some(Severity::Deny) => "denied",
        Some(Severity::Warn) => "warned of",
        Some(Severity::Audit) => "recorded",
        Some(Severity::Excepted) => "excepted",
        None => "left out",
    }
}
