use clap::Parser;

use super::*;

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    options: Options,
}

fn options(arguments: &str) -> Options {
    let arguments = ["serve"].into_iter().chain(arguments.split_whitespace());
    Command::try_parse_from(arguments).unwrap().options
}

fn kubeconfig(file: Option<&str>, context: Option<&str>) -> Target {
    Target::Kubeconfig {
        file: file.map(PathBuf::from),
        context: context.map(str::to_owned),
    }
}

#[test]
fn the_cluster_is_the_one_that_is_named_and_none_only_where_nobody_else_can_ask() {
    for (arguments, is_in_cluster, expected) in [
        ("", false, Ok(None)),
        ("", true, Ok(Some(Target::InCluster))),
        ("--no-cluster", true, Ok(None)),
        (
            "--listen 0.0.0.0:8443",
            false,
            Err(OptionsError::NoClusterNamed),
        ),
        ("--listen 0.0.0.0:8443 --no-cluster", false, Ok(None)),
        ("--listen 0.0.0.0:8443", true, Ok(Some(Target::InCluster))),
        (
            "--kubeconfig k",
            true,
            Ok(Some(kubeconfig(Some("k"), None))),
        ),
        ("--context c", false, Ok(Some(kubeconfig(None, Some("c"))))),
    ] {
        assert_eq!(
            options(arguments).target(is_in_cluster),
            expected,
            "{arguments}"
        );
    }
}

#[test]
fn the_baseline_is_the_clusters_where_there_is_one() {
    for (arguments, has_cluster, expected) in [
        ("", false, Ok(BaselineSource::Embedded)),
        ("", true, Ok(BaselineSource::ClusterOrEmbedded)),
        ("--baseline cluster", true, Ok(BaselineSource::Cluster)),
        (
            "--baseline cluster",
            false,
            Err(OptionsError::BaselineWithoutCluster),
        ),
        (
            "--baseline f.yaml",
            true,
            Ok(BaselineSource::File(PathBuf::from("f.yaml"))),
        ),
    ] {
        assert_eq!(
            options(arguments).baseline_source(has_cluster),
            expected,
            "{arguments}"
        );
    }
}

#[test]
fn half_a_certificate_and_two_clusters_are_refused() {
    for arguments in ["--tls-cert c", "--tls-key k", "--no-cluster --kubeconfig k"] {
        let arguments = ["serve"].into_iter().chain(arguments.split_whitespace());
        assert!(Command::try_parse_from(arguments).is_err());
    }
}
