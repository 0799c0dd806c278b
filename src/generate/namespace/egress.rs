//! Where agents may go: addresses that NetworkPolicies open.

use std::str::FromStr;

use ipnet::IpNet;
use serde_json::{Value, json};

/// One address range that agents may reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Egress {
    /// The phase whose agents may; absent: every phase.
    pub phase: Option<String>,
    network: IpNet,
    /// A TCP port; absent: every port and protocol.
    port: Option<u16>,
}

impl FromStr for Egress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (phase, target) = match text.split_once('=') {
            Some((phase, target)) => (Some(phase.to_owned()), target),
            None => (None, text),
        };
        // An IPv6 network holds colons itself; the port stands behind the prefix length.
        let (address, behind) = target.split_once('/').ok_or_else(|| {
            format!("`{target}` has no prefix length; write {target}/32 for one address")
        })?;
        let (length, port) = match behind.split_once(':') {
            Some((length, port)) => {
                let port = port.parse().map_err(|_| format!("`{port}` is no port"))?;
                (length, Some(port))
            }
            None => (behind, None),
        };
        let network: IpNet = format!("{address}/{length}").parse().map_err(|_| {
            format!("`{address}/{length}` is no address range such as 10.20.0.0/16")
        })?;
        Ok(Self {
            phase,
            network: network.trunc(),
            port,
        })
    }
}

impl Egress {
    /// Adds the range to a phase's NetworkPolicy; other objects stay as they are.
    pub fn open(&self, object: &mut Value) {
        let label = |object: &Value| {
            object
                .pointer("/metadata/labels/cattlegrid.dev~1phase")
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        let phase = label(object);
        let is_meant = phase.is_some() && (self.phase.is_none() || self.phase == phase);
        let rules = object
            .pointer_mut("/spec/egress")
            .and_then(Value::as_array_mut);
        if let (true, Some(rules)) = (is_meant, rules) {
            rules.push(self.rule());
        }
    }

    fn rule(&self) -> Value {
        let to = json!([{"ipBlock": {"cidr": self.network.to_string()}}]);
        match self.port {
            Some(port) => json!({"to": to, "ports": [{"protocol": "TCP", "port": port}]}),
            None => json!({"to": to}),
        }
    }
}
