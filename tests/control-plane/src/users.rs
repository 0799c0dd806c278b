//! The users that the API server knows by their tokens.

use crate::error::ControlPlaneError;

/// A user with a token of its own. Everybody else is impersonated by
/// [`User::Admin`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum User {
    /// In group `system:masters`: may do anything.
    Admin,
    /// The platform engineer. In no group, so without rights until a test binds some.
    Platform,
    /// An agent developer. In group `developers`, without rights.
    Developer,
    /// The program that starts agents. In no group, without rights.
    AgentOperator,
    /// The account of kube-controller-manager itself.
    ControllerManager,
}

impl User {
    pub(crate) const ALL: [Self; 5] = [
        Self::Admin,
        Self::Platform,
        Self::Developer,
        Self::AgentOperator,
        Self::ControllerManager,
    ];

    /// The name that RBAC subjects use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Platform => "platform",
            Self::Developer => "developer",
            Self::AgentOperator => "agent-operator",
            Self::ControllerManager => "system:kube-controller-manager",
        }
    }

    /// The groups besides `system:authenticated`.
    pub fn groups(self) -> &'static [&'static str] {
        match self {
            Self::Admin => &["system:masters"],
            Self::Developer => &["developers"],
            Self::Platform | Self::AgentOperator | Self::ControllerManager => &[],
        }
    }

    /// The name of its kubeconfig file.
    pub(crate) fn file_name(self) -> &'static str {
        match self {
            Self::ControllerManager => "controller-manager",
            Self::Admin | Self::Platform | Self::Developer | Self::AgentOperator => self.name(),
        }
    }
}

/// One fresh token for each user.
#[derive(Debug)]
pub(crate) struct Tokens(Vec<(User, String)>);

impl Tokens {
    pub(crate) fn generate() -> Result<Self, ControlPlaneError> {
        let mut tokens = Vec::with_capacity(User::ALL.len());
        for user in User::ALL {
            tokens.push((user, random_token()?));
        }
        Ok(Self(tokens))
    }

    pub(crate) fn get(&self, user: User) -> &str {
        // INVARIANT: `generate` covers every variant.
        self.0
            .iter()
            .find(|(owner, _)| *owner == user)
            .map_or("", |(_, token)| token)
    }

    /// The lines of `--token-auth-file`: token, user name, uid, groups.
    pub(crate) fn to_csv(&self) -> String {
        let mut csv = String::new();
        for (user, token) in &self.0 {
            let name = user.name();
            csv.push_str(&format!("{token},{name},{name}"));
            // An empty column would be a group with an empty name.
            if !user.groups().is_empty() {
                csv.push_str(&format!(",\"{}\"", user.groups().join(",")));
            }
            csv.push('\n');
        }
        csv
    }
}

fn random_token() -> Result<String, ControlPlaneError> {
    let mut bytes = [0_u8; 24];
    getrandom::fill(&mut bytes).map_err(ControlPlaneError::Token)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_file_has_a_line_with_its_own_token_for_each_user() {
        let tokens = Tokens::generate().unwrap();
        let csv = tokens.to_csv();
        assert_eq!(csv.lines().count(), User::ALL.len());
        for user in User::ALL {
            assert_eq!(csv.matches(tokens.get(user)).count(), 1, "{user:?}");
        }
        assert!(csv.contains(",admin,admin,\"system:masters\"\n"));
        assert!(csv.contains(",platform,platform\n"));
    }
}
