//! A server under load.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// How many of its ticks a second has for a process's times (`sysconf(_SC_CLK_TCK)` of Linux).
const TICKS_PER_SECOND: f64 = 100.0;

/// A running server. Dropping it ends it.
pub(super) struct Server {
    process: Child,
    pub(super) address: SocketAddr,
    /// Who signed its certificate.
    pub(super) authority: CertificateDer<'static>,
}

impl Server {
    /// Starts it with a certificate and logs of its own; without a mode it leaves no evidence.
    ///
    /// # Errors
    /// It does not start.
    pub(super) fn start(program: &Path, directory: &Path, mode: Option<&str>) -> Result<Self> {
        std::fs::create_dir_all(directory)?;
        let tls = directory.join("tls");
        let made = Command::new(program)
            .args(["certs", "--url", "https://127.0.0.1", "--output"])
            .arg(&tls)
            .stdout(Stdio::null())
            .status()?;
        ensure!(made.success(), "no certificate could be made");
        let mut command = Command::new(program);
        command
            .args([
                "serve",
                "--listen=127.0.0.1:0",
                "--metrics-listen=127.0.0.1:0",
            ])
            .args(["--no-cluster", "--log-format=json", "--tls-cert"])
            .arg(tls.join("tls.crt"))
            .arg("--tls-key")
            .arg(tls.join("tls.key"));
        match mode {
            None => command.arg("--evidence=none"),
            Some(mode) => {
                let store = std::path::absolute(directory.join("evidence"))?;
                let url = format!("file://{}", store.display());
                command.args(["--evidence", &url, "--evidence-mode", mode])
            }
        };
        let mut process = command
            .env("RUST_LOG", "cattlegrid=info")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("start {}", program.display()))?;
        let log = process.stderr.take().context("the server has no log")?;
        let mut lines = BufReader::new(log).lines();
        let address = loop {
            let line = lines.next().context("the server ended")??;
            if let Some(address) = serving_address(&line) {
                break address;
            }
        };
        // Nobody reads what it logs about each review, but it must be able to write it.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Ok(Self {
            process,
            address,
            authority: CertificateDer::from_pem_file(tls.join("ca.crt"))?,
        })
    }

    /// How long its threads have run.
    ///
    /// # Errors
    /// It has ended, or this is not Linux.
    pub(super) fn cpu_seconds(&self) -> Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        // Behind the name, which may contain anything, `utime` and `stime` are 12th and 13th.
        let (_, behind) = stat.rsplit_once(") ").context("no process status")?;
        let times = behind.split(' ').skip(11).take(2);
        let ticks: f64 = times.map(str::parse::<f64>).sum::<Result<_, _>>()?;
        Ok(ticks / TICKS_PER_SECOND)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn serving_address(line: &str) -> Option<SocketAddr> {
    let line: serde_json::Value = serde_json::from_str(line).ok()?;
    let is_serving = line.get("message")?.as_str()? == "serving";
    is_serving.then(|| line.get("address")?.as_str()?.parse().ok())?
}
