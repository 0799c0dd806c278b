//! Ids of controls, which publications, catalogs and people write in different forms.

use std::fmt;

/// Id of a control or of an enhancement of one; ordered as in the publication.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ControlId {
    /// Such as `AC`.
    family: String,
    number: u32,
    enhancement: Option<u32>,
}

impl ControlId {
    /// Reads the forms `AC-6(9)`, `AC-06 (09)`, `ac-6.9`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (family, numbers) = text.trim().split_once('-')?;
        if family.len() != 2 || !family.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return None;
        }
        let (number, enhancement) = match numbers.split_once(['(', '.']) {
            None => (numbers, None),
            Some((number, enhancement)) => {
                let is_closed = enhancement.ends_with(')') == numbers.contains('(');
                let digits = enhancement.strip_suffix(')').unwrap_or(enhancement);
                (
                    number.trim_end(),
                    Some(positive(digits).filter(|_| is_closed)?),
                )
            }
        };
        Some(Self {
            family: family.to_ascii_uppercase(),
            number: positive(number)?,
            enhancement,
        })
    }

    /// As OSCAL's catalog of NIST SP 800-53 has it: `ac-6.9`.
    pub fn oscal(&self) -> String {
        let family = self.family.to_ascii_lowercase();
        match self.enhancement {
            Some(enhancement) => format!("{family}-{}.{enhancement}", self.number),
            None => format!("{family}-{}", self.number),
        }
    }
}

fn positive(digits: &str) -> Option<u32> {
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.parse().ok().filter(|_| is_number);
    number.filter(|number| *number > 0)
}

impl fmt::Display for ControlId {
    /// As the publication has it: `AC-6(9)`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.family, self.number)?;
        match self.enhancement {
            Some(enhancement) => write!(formatter, "({enhancement})"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_an_id_is_the_same_control() {
        for (texts, ours, oscal) in [
            (
                &["AC-6(9)", "AC-06 (09)", "ac-6.9", " AC-6 (9) "][..],
                "AC-6(9)",
                "ac-6.9",
            ),
            (&["SI-14", "si-14", "SI-014"], "SI-14", "si-14"),
        ] {
            for text in texts {
                let id = ControlId::parse(text).unwrap_or_else(|| panic!("{text}"));
                assert_eq!(
                    (id.to_string(), id.oscal()),
                    (ours.into(), oscal.into()),
                    "{text}"
                );
            }
        }
        for text in [
            "", "AC", "AC-", "AC-0", "AC-6(", "AC-6(9", "AC-6.9)", "AC-6(0)", "ACX-1", "AC-+6",
            "6-AC",
        ] {
            assert_eq!(ControlId::parse(text), None, "{text}");
        }
    }

    #[test]
    fn ids_are_ordered_as_in_the_publication() {
        let ids = ["AC-3", "AC-6", "AC-6(1)", "AC-6(9)", "AC-17", "SC-4"];
        assert!(ids.map(ControlId::parse).is_sorted());
    }
}
