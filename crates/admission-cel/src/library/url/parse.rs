//! Reading URLs, with the messages of Go's `net/url`.

use std::fmt;
use std::net::IpAddr;

use super::encoding::{Mode, escape, is_valid_encoding, unescape};
use crate::library::{go, ip};

/// The parts of a URL.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    /// In lower case.
    pub(super) scheme: String,
    /// What follows the scheme of a URL without slash.
    opaque: String,
    /// User name and password, unescaped.
    user: Option<(Vec<u8>, Option<Vec<u8>>)>,
    /// With port, unescaped.
    pub(super) host: Vec<u8>,
    /// As written and unescaped.
    path: (String, Vec<u8>),
    /// A path follows the scheme without `//`.
    omits_host: bool,
    /// A question mark without query ends it.
    forces_query: bool,
    pub(super) raw_query: String,
    /// As written and unescaped.
    fragment: (String, Vec<u8>),
}

/// Reads a URL without fragment. `for_request`: only absolute ones and absolute paths.
pub(super) fn parse(text: &str, for_request: bool) -> Result<Parsed, String> {
    parse_parts(text, for_request).map_err(|error| in_url(text, &error))
}

/// Reads any URL.
pub(super) fn parse_with_fragment(text: &str) -> Result<Parsed, String> {
    let (url, fragment) = text.split_once('#').unwrap_or((text, ""));
    let mut parsed = parse(url, false)?;
    let unescaped = unescape(fragment, Mode::Fragment).map_err(|error| in_url(text, &error))?;
    parsed.fragment = (fragment.to_owned(), unescaped);
    Ok(parsed)
}

fn in_url(text: &str, error: &str) -> String {
    format!("parse {}: {error}", go::quote(text))
}

fn parse_parts(text: &str, for_request: bool) -> Result<Parsed, String> {
    if text.bytes().any(|byte| byte.is_ascii_control()) {
        return Err("net/url: invalid control character in URL".to_owned());
    }
    if text.is_empty() && for_request {
        return Err("empty url".to_owned());
    }
    let mut url = Parsed::default();
    if text == "*" {
        url.path = (text.to_owned(), text.into());
        return Ok(url);
    }
    let (scheme, mut rest) = split_scheme(text)?;
    url.scheme = scheme.to_ascii_lowercase();
    match rest.split_once('?') {
        Some((before, "")) => {
            url.forces_query = true;
            rest = before;
        }
        Some((before, query)) => {
            url.raw_query = query.to_owned();
            rest = before;
        }
        None => {}
    }
    if !rest.starts_with('/') {
        if !url.scheme.is_empty() {
            url.opaque = rest.to_owned();
            return Ok(url);
        }
        check_relative(rest, for_request)?;
    }
    let may_have_host = !url.scheme.is_empty() || !for_request && !rest.starts_with("///");
    match rest.strip_prefix("//").filter(|_| may_have_host) {
        Some(authority_on) => {
            let end = authority_on.find('/').unwrap_or(authority_on.len());
            let (authority, path) = authority_on.split_at_checked(end).unwrap_or_default();
            parse_authority(&mut url, authority)?;
            rest = path;
        }
        None => url.omits_host = !url.scheme.is_empty() && rest.starts_with('/'),
    }
    url.path = (rest.to_owned(), unescape(rest, Mode::Path)?);
    Ok(url)
}

fn check_relative(text: &str, for_request: bool) -> Result<(), String> {
    if for_request {
        return Err("invalid URI for request".to_owned());
    }
    let segment = text.split('/').next().unwrap_or_default();
    if segment.contains(':') {
        return Err("first path segment in URL cannot contain colon".to_owned());
    }
    Ok(())
}

/// The scheme, empty if there is none, and what follows.
fn split_scheme(text: &str) -> Result<(&str, &str), String> {
    for (position, byte) in text.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if position > 0 => {}
            b':' if position == 0 => return Err("missing protocol scheme".to_owned()),
            b':' => return Ok(text.split_once(':').unwrap_or(("", text))),
            _ => break,
        }
    }
    Ok(("", text))
}

fn parse_authority(url: &mut Parsed, authority: &str) -> Result<(), String> {
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, authority),
    };
    url.host = parse_host(&url.scheme, host)?;
    let Some(user) = user else {
        return Ok(());
    };
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&byte);
    if !user.bytes().all(valid) {
        return Err("net/url: invalid userinfo".to_owned());
    }
    let (name, password) = match user.split_once(':') {
        Some((name, password)) => (name, Some(password)),
        None => (user, None),
    };
    let name = unescape(name, Mode::UserPassword)?;
    let password = password
        .map(|password| unescape(password, Mode::UserPassword))
        .transpose()?;
    url.user = Some((name, password));
    Ok(())
}

fn check_port(port: &str) -> Result<(), String> {
    let valid = match port.strip_prefix(':') {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_digit()),
        None => port.is_empty(),
    };
    if valid {
        Ok(())
    } else {
        Err(format!("invalid port {} after host", go::quote(port)))
    }
}

fn parse_host(scheme: &str, host: &str) -> Result<Vec<u8>, String> {
    match host.rfind('[') {
        Some(0) => return parse_bracketed(host),
        Some(_) => return Err("invalid IP-literal".to_owned()),
        None => {}
    }
    // Only other schemes may have colons within the host, as lists of database hosts do.
    let colon = match scheme {
        "http" | "https" => host.find(':'),
        _ => host.rfind(':'),
    };
    if let Some(colon) = colon {
        check_port(host.get(colon..).unwrap_or_default())?;
    }
    unescape(host, Mode::Host)
}

/// `[address]` or `[address%25zone]`, with or without port.
fn parse_bracketed(host: &str) -> Result<Vec<u8>, String> {
    let inner = host.strip_prefix('[').unwrap_or(host);
    let Some((name, port)) = inner.rsplit_once(']') else {
        return Err("missing ']' in host".to_owned());
    };
    check_port(port)?;
    let port = unescape(port, Mode::Host)?;
    let name = match name.find("%25") {
        Some(position) => {
            let (address, zone) = name.split_at_checked(position).unwrap_or_default();
            let mut unescaped = unescape(address, Mode::Host)?;
            unescaped.extend(unescape(zone, Mode::Zone)?);
            unescaped
        }
        None => unescape(name, Mode::Host)?,
    };
    let address = ip::parse_address(&String::from_utf8_lossy(&name))
        .map_err(|error| format!("invalid host: {error}"))?;
    if matches!(address.address, IpAddr::V4(_)) {
        return Err("invalid IP-literal".to_owned());
    }
    Ok([b"[", name.as_slice(), b"]", port.as_slice()].concat())
}

/// The text as written where that is a valid encoding, otherwise encoded anew.
fn encoded((raw, unescaped): &(String, Vec<u8>), mode: Mode) -> String {
    if is_valid_encoding(raw, mode) {
        raw.clone()
    } else {
        escape(unescaped, mode)
    }
}

impl Parsed {
    pub(super) fn escaped_path(&self) -> String {
        encoded(&self.path, Mode::Path)
    }
}

/// The URL put together again, as Go's `URL.String`.
impl fmt::Display for Parsed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.scheme.is_empty() {
            write!(formatter, "{}:", self.scheme)?;
        }
        if self.opaque.is_empty() {
            self.write_authority(formatter)?;
            let path = self.escaped_path();
            if !path.is_empty() && !path.starts_with('/') && !self.host.is_empty() {
                formatter.write_str("/")?;
            }
            formatter.write_str(&path)?;
        } else {
            formatter.write_str(&self.opaque)?;
        }
        if self.forces_query || !self.raw_query.is_empty() {
            write!(formatter, "?{}", self.raw_query)?;
        }
        if !self.fragment.1.is_empty() {
            write!(formatter, "#{}", encoded(&self.fragment, Mode::Fragment))?;
        }
        Ok(())
    }
}

impl Parsed {
    fn write_authority(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nothing = self.host.is_empty() && self.user.is_none();
        if nothing && (self.scheme.is_empty() || self.omits_host || self.path.1.is_empty()) {
            return Ok(());
        }
        formatter.write_str("//")?;
        if let Some((name, password)) = &self.user {
            formatter.write_str(&escape(name, Mode::UserPassword))?;
            if let Some(password) = password {
                write!(formatter, ":{}", escape(password, Mode::UserPassword))?;
            }
            formatter.write_str("@")?;
        }
        formatter.write_str(&escape(&self.host, Mode::Host))
    }
}
