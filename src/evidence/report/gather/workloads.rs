//! What admitted workloads could write to, and what authenticated them somewhere.

use std::collections::{BTreeMap, BTreeSet};

use crate::evidence::record::{Subject, Text};
use crate::evidence::report::model::{Credential, Surface};
use crate::evidence::report::name;
use crate::evidence::workload::{
    Credential as RecordedCredential, Surface as RecordedSurface, Workload,
};

/// Workload, phase, kind, domain.
type CredentialName = (String, String, String, String);
/// Workload, kind, volume, medium, lifetime.
type SurfaceName = (String, String, String, String, String);

/// Of all admitted workloads, what is alike together.
#[derive(Debug, Default)]
pub struct Admitted {
    credentials: BTreeMap<CredentialName, Credentials>,
    surfaces: BTreeMap<SurfaceName, Surfaces>,
}

#[derive(Debug, Default)]
struct Credentials {
    admissions: u64,
    shortest: Option<i64>,
    longest: Option<i64>,
    unstated: u64,
    ends_with_pod: u64,
}

#[derive(Debug, Default)]
struct Surfaces {
    admissions: u64,
    uncapped: u64,
    phases: BTreeSet<String>,
}

impl Admitted {
    /// Adds an admitted workload.
    pub fn add(&mut self, subject: &Subject<'_>, workload: &Workload<'_>) {
        for template in &workload.templates {
            for credential in &template.credentials {
                self.credential(subject, credential);
            }
            for surface in &template.surfaces {
                self.surface(subject, surface);
            }
        }
    }

    fn credential(&mut self, subject: &Subject<'_>, credential: &RecordedCredential<'_>) {
        let key = (
            subject.kind.to_string(),
            text(subject.phase.as_ref()),
            name(&credential.kind),
            text(credential.domain.as_ref()),
        );
        let seen = self.credentials.entry(key).or_default();
        seen.admissions += 1;
        seen.ends_with_pod += u64::from(credential.ends_with_pod);
        match credential.lifetime_seconds {
            None => seen.unstated += 1,
            Some(seconds) => {
                seen.shortest = Some(seen.shortest.map_or(seconds, |least| least.min(seconds)));
                seen.longest = seen.longest.max(Some(seconds));
            }
        }
    }

    fn surface(&mut self, subject: &Subject<'_>, surface: &RecordedSurface<'_>) {
        let key = (
            subject.kind.to_string(),
            name(&surface.kind),
            text(surface.volume_type.as_ref()),
            name(&surface.medium),
            name(&surface.lifetime),
        );
        let seen = self.surfaces.entry(key).or_default();
        seen.admissions += 1;
        seen.uncapped += u64::from(surface.cap.is_none());
        seen.phases.insert(text(subject.phase.as_ref()));
    }

    /// The part of the report.
    pub fn credentials(&self) -> Vec<Credential> {
        let credentials = self.credentials.iter();
        let credential = |(name, seen): (&CredentialName, &Credentials)| {
            let (workload, phase, kind, domain) = name.clone();
            Credential {
                workload,
                phase,
                kind,
                domain,
                admissions: seen.admissions,
                lifetime_seconds_min: seen.shortest,
                lifetime_seconds_max: seen.longest,
                lifetime_unstated: seen.unstated,
                ends_with_pod: seen.ends_with_pod,
            }
        };
        credentials.map(credential).collect()
    }

    /// The part of the report.
    pub fn surfaces(&self) -> Vec<Surface> {
        let surfaces = self.surfaces.iter();
        let surface = |(name, seen): (&SurfaceName, &Surfaces)| {
            let (workload, kind, volume, medium, lifetime) = name.clone();
            Surface {
                workload,
                kind,
                volume,
                medium,
                lifetime,
                admissions: seen.admissions,
                uncapped: seen.uncapped,
                phases: seen.phases.iter().cloned().collect(),
            }
        };
        surfaces.map(surface).collect()
    }
}

fn text(text: Option<&Text<'_>>) -> String {
    text.map(ToString::to_string).unwrap_or_default()
}
