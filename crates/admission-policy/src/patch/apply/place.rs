//! Where a check is in an apply configuration. Rendered only when there is something to say.

use std::fmt;

use super::identity::Identity;

/// A place: a step, and the place it was taken from.
#[derive(Clone, Copy)]
pub(super) struct Place<'p> {
    above: Option<&'p Place<'p>>,
    step: Step<'p>,
}

/// A step from a container to a member.
#[derive(Clone, Copy)]
enum Step<'p> {
    Root,
    Field(&'p str),
    Index(usize),
    Item(&'p Identity<'p>),
}

impl<'p> Place<'p> {
    /// The whole configuration.
    pub(super) const ROOT: Place<'static> = Place {
        above: None,
        step: Step::Root,
    };

    /// A member of the object here.
    pub(super) fn field(&'p self, name: &'p str) -> Place<'p> {
        self.step(Step::Field(name))
    }

    /// An item of the array here, by position.
    pub(super) fn index(&'p self, index: usize) -> Place<'p> {
        self.step(Step::Index(index))
    }

    /// An item of the array here, by identity.
    pub(super) fn item(&'p self, identity: &'p Identity<'p>) -> Place<'p> {
        self.step(Step::Item(identity))
    }

    fn step(&'p self, step: Step<'p>) -> Place<'p> {
        Place {
            above: Some(self),
            step,
        }
    }
}

/// As `fieldpath` of structured-merge-diff prints it: `.spec.containers[name="a"].args[0]`.
impl fmt::Display for Place<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(above) = self.above {
            above.fmt(formatter)?;
        }
        match self.step {
            Step::Root => Ok(()),
            Step::Field(name) => write!(formatter, ".{name}"),
            Step::Index(index) => write!(formatter, "[{index}]"),
            Step::Item(identity) => identity.fmt(formatter),
        }
    }
}
