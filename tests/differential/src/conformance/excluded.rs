//! The cases that do not apply to this dialect.

const LINES: &str = include_str!("../../conformance-excluded.txt");

/// A case that does not apply, or a whole section or file of them.
#[derive(Clone, Copy, Debug)]
pub struct Exclusion {
    /// `file`, `file/section` or `file/section/test`.
    pub name: &'static str,
    /// Why it does not apply.
    pub reason: &'static str,
}

/// The list `conformance-excluded.txt`: the reason, then the names below it, indented.
pub fn exclusions() -> Vec<Exclusion> {
    let mut reason = "";
    let mut exclusions = Vec::new();
    for line in LINES
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        match line.strip_prefix("  ") {
            Some(name) => exclusions.push(Exclusion { name, reason }),
            None => reason = line,
        }
    }
    exclusions
}

impl Exclusion {
    /// Whether it names that case, or the section or file that holds it.
    pub fn covers(&self, case: &str) -> bool {
        case.strip_prefix(self.name)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}
