//! `cattlegrid serve` as a process of its own.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;

use control_plane::{Program, Supervised};
use serde_json::Value;

use crate::api::{Cluster, eventually, parse};

/// The program under test.
pub const CATTLEGRID: &str = env!("CARGO_BIN_EXE_cattlegrid");
/// Its log, in its directory.
pub const LOG: &str = "cattlegrid.log";

/// An address of the loopback interface with a port that is free.
pub fn any_port() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

/// Makes a certificate, its key and its CA in a directory.
pub fn make_certificate(directory: &Path) {
    let output = directory.to_str().unwrap();
    cattlegrid(&["certs", "--url", "https://127.0.0.1", "--output", output]);
}

/// Starts the program with the certificate in a directory, and does not wait for it.
pub fn serve(
    cluster: &Cluster,
    directory: &Path,
    address: SocketAddr,
    more: &[&str],
) -> Supervised {
    let file = |name: &str| directory.join(name).to_str().unwrap().to_owned();
    let listen = address.to_string();
    let (certificate, key) = (file("tls.crt"), file("tls.key"));
    let arguments = [
        "serve",
        "--listen",
        &listen,
        "--metrics-listen",
        "127.0.0.1:0",
        "--tls-cert",
        &certificate,
        "--tls-key",
        &key,
        "--kubeconfig",
        cluster.kubeconfig.to_str().unwrap(),
        "--log-format",
        "json",
    ];
    let arguments = arguments.iter().chain(more).map(|&text| text.to_owned());
    let program = Program {
        name: "cattlegrid",
        path: Path::new(CATTLEGRID),
        arguments: arguments.collect(),
        directory,
        scratch: None,
    };
    program.start().unwrap()
}

/// Where the program in a directory serves, once its port is open.
pub async fn address_of(directory: &Path) -> SocketAddr {
    let serving = eventually("the server serves", async || {
        let log = std::fs::read_to_string(directory.join(LOG)).unwrap_or_default();
        let serving = records(&log)
            .into_iter()
            .find(|line| line["message"] == "serving");
        serving.ok_or(log)
    })
    .await;
    serving["address"].as_str().unwrap().parse().unwrap()
}

/// Starts the program in a directory with further arguments and registers it for the whole cluster. When the
/// API server begins to ask it is not known.
pub async fn register(cluster: &Cluster, directory: &Path, more: &[&str]) -> Supervised {
    make_certificate(directory);
    let server = serve(cluster, directory, any_port(), more);
    let url = format!("https://{}", address_of(directory).await);
    let authority = directory.join("ca.crt");
    let authority = authority.to_str().unwrap();
    let arguments = [
        "generate",
        "webhooks",
        "--url",
        &url,
        "--ca-bundle",
        authority,
    ];
    for configuration in parse(&cattlegrid(&arguments)) {
        cluster.create(&configuration, "").await.object();
    }
    server
}

/// The lines of a log in JSON form; the others are none of ours.
pub fn records(log: &str) -> Vec<Value> {
    log.lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

/// What the program prints.
pub fn cattlegrid(arguments: &[&str]) -> String {
    let output = Command::new(CATTLEGRID).args(arguments).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}
