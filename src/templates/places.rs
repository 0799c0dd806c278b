//! From a composed Job back to the object that its parts come from.

use admission_cel::json::Path;

/// Which part of a Job came from where.
#[derive(Clone, Debug)]
pub struct Places {
    /// The template as a whole.
    template: Path,
    /// Paths in the Job, and the same in the object.
    moved: Vec<(Path, Path)>,
}

impl Places {
    /// Nothing has been moved yet.
    pub fn of(template: Path) -> Self {
        Self {
            template,
            moved: Vec::new(),
        }
    }

    /// Notes that what is at `composed` in the Job is at `original` in the object.
    pub fn add(&mut self, composed: Path, original: Path) {
        self.moved.push((composed, original));
    }

    /// Where something of the Job is in the object; the template as a whole for what is nowhere.
    pub fn original(&self, composed: Option<&Path>) -> Path {
        let Some(path) = composed else {
            return self.template.clone();
        };
        let moved = self.moved.iter().filter_map(|(from, to)| {
            let rest = path.0.strip_prefix(from.0.as_slice())?;
            Some((rest, to))
        });
        match moved.min_by_key(|(rest, _)| rest.len()) {
            Some((rest, to)) => Path(to.0.iter().chain(rest).cloned().collect()),
            None => self.template.clone(),
        }
    }
}
