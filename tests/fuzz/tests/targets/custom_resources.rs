//! Custom resources: PolicyExceptions, and kinds with Pod templates in them.

use admission_policy::finding::Evaluation;
use bumpalo::Bump;
use cattlegrid::audit::kinds::Resource;
use cattlegrid::audit::request::creation;
use cattlegrid::exceptions::of_files;
use cattlegrid::k8s::manifest::parse;
use cattlegrid::load::{self, Source};
use cattlegrid::templates::of_request;
use cattlegrid::templates::table::TemplateKind;
use fuzz::corpus::repository;
use fuzz::fuzz;
use fuzz::mutate::mutated;

const EXCEPTION: &str = "\
apiVersion: cattlegrid.dev/v1alpha1
kind: PolicyException
metadata: {name: old-scanner}
spec:
  policies: [host-paths]
  namespaces: [team-a]
  objectSelector:
    matchLabels: {app: scanner}
    matchExpressions: [{key: tier, operator: NotIn, values: [a, b]}]
  owner: team-a@example.com
  reason: it is replaced
  expires: '2027-03-31T00:00:00Z'
";

#[test]
fn mutated_exceptions_are_read_or_refused() {
    fuzz(
        "exceptions",
        300,
        mutated(vec![EXCEPTION.to_owned()]),
        |text| {
            let source = Source {
                name: "fuzz.yaml".to_owned(),
                text: text.clone(),
            };
            let reading = of_files(&[source]);
            if reading.exceptions.is_empty() && reading.problems.is_empty() {
                return Err("nothing was read, and nothing told".to_owned());
            }
            let is_bounded = |exception: &admission_policy::exception::Exception| {
                !exception.policies.is_empty() && !exception.namespaces.is_empty()
            };
            match reading.exceptions.iter().all(is_bounded) {
                true => Ok(()),
                false => Err("an exception without policies or namespaces was read".to_owned()),
            }
        },
    );
}

#[test]
fn mutated_templates_are_composed_or_passed_over() {
    let folder = repository().join("tests/cli/templates");
    let entries = std::fs::read_dir(folder).expect("the repository is readable");
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    let corpus = files
        .iter()
        .map(|file| std::fs::read_to_string(file).expect("a readable file"))
        .map(|text| text.replace("VOLUME", "emptyDir: {}"))
        .collect();
    let baseline = load::embedded_baseline().expect("a baseline");
    let baseline = load::baseline(&baseline).expect("a valid baseline");
    fuzz("templates", 300, mutated(corpus), |text| {
        compose(text, baseline.pod_templates())
    });
}

fn compose(text: &str, table: &[TemplateKind]) -> Result<(), String> {
    let arena = Bump::new();
    for manifest in parse(text, &arena).flatten() {
        let resource = Resource {
            name: "any",
            namespaced: true,
        };
        let request = creation(manifest.json, resource, "agents", &arena);
        let Ok(templates) = of_request(&request, table, &arena) else {
            continue;
        };
        for template in templates {
            template.relocate(&mut Evaluation::default(), manifest.json);
            let job = template.request.object.ok_or("a template without a Job")?;
            if job.at(&["spec"]).is_none() {
                return Err(format!("no Job: {job}"));
            }
        }
    }
    Ok(())
}
