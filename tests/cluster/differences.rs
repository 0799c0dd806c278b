//! Where native and offline evaluation of the same case differ, and why. What a case itself says
//! (`rejectedByApiValidation`, `notNative`) is not repeated here.
//!
//! An entry whose case does not differ any more fails the test: the list holds no history.

/// One case that comes out differently.
pub struct Difference {
    /// The policy's id.
    pub policy: &'static str,
    /// The case's name.
    pub case: &'static str,
    /// Why it has to differ.
    pub reason: &'static str,
}

/// All of them.
pub const DIFFERENCES: &[Difference] = &[
    Difference {
        policy: "investigation-id",
        case: "a Job that got no ID, without the webhook and from nobody, is refused",
        reason: "the API server adds labels to the template, so that the finding is about one of \
                 them and not about all",
    },
    Difference {
        policy: "phase-authority",
        case: "the template of a suspended Job does not rise either",
        reason: "a stored Job without labels reads as if it had those that its template had \
                 before, so that the new one is in the template alone",
    },
];

/// Why a case is expected to differ.
pub fn reason(policy: &str, case: &str) -> Option<&'static str> {
    let found = DIFFERENCES
        .iter()
        .find(|d| d.policy == policy && d.case == case);
    found.map(|difference| difference.reason)
}
