//! Every bound of the server, with its reason. Sizes in bytes, times in seconds.

/// Largest body. An object may have 1.5 MiB in etcd and 3 MiB in a request; object and oldObject
/// ride along, escaped, with options and managedFields. At least 8 MiB must be accepted.
pub const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;

/// How long a body may take to arrive. The API server waits 5 s at most for the answer.
pub const BODY_SECONDS_MAX: u64 = 10;

/// How long a TLS handshake may take: it is the cheapest way to hold a connection.
pub const HANDSHAKE_SECONDS_MAX: u64 = 10;

/// How long a request's head may take from its first byte on.
pub const HEAD_SECONDS_MAX: u64 = 10;

/// How long a connection may be idle. The API server closes idle connections after 90 s
/// (`k8s.io/apimachinery/pkg/util/net/http.go`); closing earlier than it does could lose a request
/// that is just being sent.
pub const IDLE_SECONDS_MAX: u64 = 150;

/// Largest head: method, path and headers.
pub const HEAD_BYTES_MAX: usize = 64 * 1024;

/// Most headers of a request.
pub const HEADERS_MAX: usize = 64;

/// Most connections at a time, per listener. An API server holds a few; each may hold a body.
pub const CONNECTIONS_MAX: usize = 512;

/// How many bodies may be in memory at a time: with the largest bodies that is 512 MiB.
pub const BODIES_MAX: usize = 32;

/// From which size on a review is evaluated away from the threads that serve connections: parsing
/// it takes longer than a small review takes altogether.
pub const INLINE_BYTES_MAX: usize = 64 * 1024;

/// How often a review is evaluated again because it needs another look-up. Each round asks
/// everything that it can reach, so only chains of dependent questions need several.
pub const ROUNDS_MAX: usize = 8;

/// How many authorization questions one review may ask. The policies that ship ask one per phase.
pub const QUESTIONS_MAX: usize = 64;

/// Longest denial. It ends in the user's terminal and in the API server's audit log.
pub const DENIAL_BYTES_MAX: usize = 64 * 1024;

/// How much warning text one answer may hold, in code points. Beyond 4,096 the API server cuts every
/// warning to 256 (`k8s.io/apiserver/pkg/endpoints/filters/warning.go`); whole lines with a count of
/// the rest are more use.
pub const WARNING_RUNES_MAX: usize = 4096;

/// Longest value of an audit annotation: they are stored with every event.
pub const ANNOTATION_BYTES_MAX: usize = 10 * 1024;

/// How often certificate, policies and baseline files are looked at. Reading beats watching: it
/// works the same on projected volumes, overlay and network file systems.
pub const RELOAD_SECONDS: u64 = 1;

/// How long requests that are being answered may take to finish after the drain; longer than any
/// answer that an API server still waits for.
pub const FINISH_SECONDS_MAX: u64 = 10;

/// How long a record may take to be written; an API server waits 5 s for the answer.
pub const EVIDENCE_SECONDS_MAX: u64 = 3;
