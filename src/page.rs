//! What the pages for a browser share. Each extends `page/base.html`, begins its style with
//! `page/base.css` (colours, type, tables, tiles, dark mode, print) and adds what only it has.

use admission_cel::value::Timestamp;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// What a Content Security Policy calls a style or script that may be used.
pub fn hash_source(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

/// A time, as people write it.
pub fn to_the_second(time: Timestamp) -> String {
    let text = time.to_string();
    match text.split_once('.') {
        Some((seconds, _)) => format!("{seconds}Z"),
        None => text,
    }
}
