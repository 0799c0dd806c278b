//! `cattlegrid audit -o html`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::{cattlegrid, directory, path, stderr, stdout};

const PET: &str = "manifests/examples/pet.yaml";

/// The page that an audit makes.
fn page(arguments: &[&str]) -> String {
    let output = cattlegrid(&[&["audit", "-o", "html"], arguments].concat());
    assert!(
        matches!(output.status.code(), Some(0..=2)),
        "{}",
        stderr(&output)
    );
    stdout(&output)
}

/// What stands between two marks, wherever both are.
fn between<'p>(page: &'p str, start: &str, end: &str) -> Vec<&'p str> {
    page.split(start)
        .skip(1)
        .filter_map(|rest| rest.split_once(end))
        .map(|(inside, _)| inside)
        .collect()
}

#[test]
fn a_finding_has_its_message_place_source_and_fix() {
    let page = page(&[PET]);
    for expected in [
        "<h3><span class=\"kind\">Job</span> triage/incident-agent</h3>",
        "data-severity=\"deny\" data-policy=\"deadlines\"",
        "a failed invocation is not retried under the same Job; set backoffLimit to 0",
        "<code>spec.backoffLimit</code>",
        "<code>16:17</code>",
        "<span class=\"line\">16</span><code>  backoffLimit: <mark>4</mark></code>",
        "<b>Fix</b> Leave the fields to inject-bounds",
    ] {
        assert!(page.contains(expected), "{expected}\n{page}");
    }
}

#[test]
fn the_summary_counts_by_policy_phase_and_namespace() {
    let page = page(&[PET]);
    for row in [
        "<a href=\"#policy-deadlines\">deadlines</a></th><td>2</td>",
        "<th scope=\"row\">triage</th><td>8</td>",
        "<th scope=\"row\">none</th><td>8</td>",
        "<dt>denials</dt><dd>8</dd>",
    ] {
        assert!(page.contains(row), "{row}\n{page}");
    }
    assert_eq!(page.matches("<article class=\"finding deny\"").count(), 8);
    assert!(page.contains("<title>fails"), "{page}");
    assert!(page.contains("id=\"policy-deadlines\""), "{page}");
}

#[test]
fn what_could_not_be_evaluated_and_read_is_told() {
    let files = directory(&[("broken.yaml", "a: [\n---\nkind: Job\n")]);
    let page = page(&[PET, &path(&files, "broken.yaml")]);
    assert!(page.contains("<title>incomplete"), "{page}");
    assert!(page.contains("<h2>Unreadable</h2>"), "{page}");
    assert!(page.contains("broken.yaml:"), "{page}");
    assert!(
        page.contains("<b>agent-namespace</b>: Namespace triage"),
        "{page}"
    );
}

#[test]
fn without_findings_the_page_says_so() {
    let page = page(&["manifests/examples/job.yaml"]);
    assert!(page.contains("<title>passes"), "{page}");
    assert!(page.contains("<p>Nothing found.</p>"), "{page}");
    assert!(!page.contains("id=\"filter\""), "{page}");
}

#[test]
fn nothing_is_loaded_and_only_the_page_s_own_style_and_script_are_used() {
    let page = page(&[PET]);
    for (attribute, end) in [("href=\"", "\""), ("src=\"", "\"")] {
        for target in between(&page, attribute, end) {
            assert!(target.starts_with('#') || target == "data:,", "{target}");
        }
    }
    let [policy] = between(&page, "Content-Security-Policy\" content=\"", "\"")[..] else {
        panic!("one policy: {page}");
    };
    assert!(policy.starts_with("default-src 'none'") || policy.starts_with("default-src &#39;"));
    for (element, directive) in [("style", "style-src"), ("script", "script-src")] {
        let start = format!("<{element}>");
        let [text] = between(&page, &start, &format!("</{element}>"))[..] else {
            panic!("one {element}: {page}");
        };
        let hash = STANDARD.encode(Sha256::digest(text));
        let policy = policy.replace("&#39;", "'").replace("&#x27;", "'");
        let unescaped = policy.replace("&#43;", "+").replace("&#61;", "=");
        let expected = format!("{directive} 'sha256-{hash}'");
        assert!(unescaped.contains(&expected), "{expected}: {unescaped}");
    }
    assert!(
        !page.contains("@import") && !page.contains("url("),
        "{page}"
    );
}

/// What tries to leave the place that it is printed at.
const HOSTILE: &[&str] = &[
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\\\" onmouseover=\\\"alert(1)",
    "' onmouseover='alert(1)",
    "</style><svg onload=alert(1)>",
    "--><script>alert(1)</script><!--",
    "{{ style() }}{% include %}",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
];

#[test]
fn whatever_manifests_policies_and_files_are_called_stays_text() {
    for hostile in HOSTILE {
        let policy = format!(
            "apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {{name: hostile, annotations: {{cattlegrid.dev/title: \"{hostile}\", \
             cattlegrid.dev/rationale: \"{hostile}\", cattlegrid.dev/remediation: \"{hostile}\", \
             cattlegrid.dev/controls: \"{hostile}\"}}}}
spec:
  matchConstraints:
    resourceRules:
      - {{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}}
  validations: [{{expression: 'object.data.a == \"\"', message: \"{hostile}\"}}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {{name: hostile}}
spec: {{policyName: hostile, validationActions: [Deny]}}
"
        );
        let object = format!(
            "apiVersion: v1
kind: ConfigMap
metadata: {{name: \"{hostile}\", namespace: \"{hostile}\", labels: {{cattlegrid.dev/phase: \"{hostile}\"}}}}
data: {{a: \"{hostile}\"}}
---
apiVersion: v1
kind: \"{hostile}\"
metadata: {{name: \"{hostile}\"}}
---
\"{hostile}\": [
"
        );
        let name = format!("k8s/{}.yaml", hostile.replace(['/', '\\'], "_"));
        let files = directory(&[("policies/hostile.yaml", &policy), (&name, &object)]);
        let page = page(&[
            "--policies",
            &path(&files, "policies"),
            "--assume-agents",
            "enforce",
            &path(&files, "k8s"),
        ]);
        assert!(page.contains("class=\"finding deny\""), "{hostile}: {page}");
        for (element, number) in [
            ("<script", 1),
            ("</script", 1),
            ("<style", 1),
            ("<img", 0),
            ("<svg", 0),
        ] {
            assert_eq!(page.matches(element).count(), number, "{hostile}: {page}");
        }
        for attribute in ["\" onmouseover", "' onmouseover"] {
            assert!(!page.contains(attribute), "{hostile}: {page}");
        }
    }
}

#[test]
fn the_same_input_makes_the_same_page() {
    let timeless = || {
        let page = page(&["manifests/examples"]);
        let [time] = between(&page, "<time ", "</time>")[..] else {
            panic!("one time: {page}");
        };
        page.replace(time, "")
    };
    assert_eq!(timeless(), timeless());
}

#[test]
fn every_one_of_thousands_of_findings_is_on_the_page() {
    let claim = |number: usize| {
        format!(
            "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: c{number}, \
             namespace: agents}}\nspec: {{}}\n---\n"
        )
    };
    let claims: String = (0..3_000).map(claim).collect();
    let files = directory(&[("claims.yaml", &claims)]);
    let page = page(&["--assume-agents", "enforce", &path(&files, "claims.yaml")]);
    assert!(page.matches("<article class=\"finding deny\"").count() >= 3_000);
    assert!(page.contains("agents/c2999</h3>"));
}
