use clap::Parser;

use super::*;

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    options: Options,
}

fn options(arguments: &[&str]) -> Options {
    Command::parse_from(std::iter::once(&"certs").chain(arguments)).options
}

#[test]
fn the_names_are_those_that_the_api_server_checks() {
    for (arguments, expected) in [
        (
            &[][..],
            &[
                "cattlegrid.cattlegrid-system.svc",
                "cattlegrid.cattlegrid-system.svc.cluster.local",
            ][..],
        ),
        (&["--url", "https://127.0.0.1:8443"], &["127.0.0.1"]),
        (
            &["--url", "https://[::1]:8443/x", "--san", "localhost"],
            &["::1", "localhost"],
        ),
    ] {
        assert_eq!(names(&options(arguments)), expected);
    }
}

#[test]
fn the_certificate_is_signed_by_the_ca_and_only_the_key_is_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let pem = make(&options(&["--days", "30"])).unwrap();
    let parse = |text: &str| x509_parser::pem::parse_x509_pem(text.as_bytes()).unwrap().1;
    let (ca, leaf) = (parse(&pem.ca), parse(&pem.certificate));
    let (ca, leaf) = (ca.parse_x509().unwrap(), leaf.parse_x509().unwrap());
    assert_eq!(leaf.issuer(), ca.subject());
    assert!(ca.is_ca() && !leaf.is_ca());
    let seconds = leaf.validity().not_after.timestamp() - leaf.validity().not_before.timestamp();
    assert_eq!(seconds, (Duration::days(30) + CLOCK_SKEW).whole_seconds());

    let directory = tempfile::tempdir().unwrap();
    write_files(directory.path(), &pem, &[]).unwrap();
    write_files(directory.path(), &pem, &[]).unwrap();
    let mode = |name: &str| {
        std::fs::metadata(directory.path().join(name))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(mode("tls.key"), 0o600);
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 4);
}
