//! Ids of sessions and of queries.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Id of a session; a JSON integer on the wire, below 2^53 because Node reads it as a double.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub u64);

/// Id of a statement, in Snowflake's form: 8-4-4-4-12 hexadecimal digits that begin with `01`.
///
/// Behind the `01` stand 40 bits of milliseconds since 2020 and a counter of 16 bits, so that ids of one process sort by
/// time, then 64 random bits, so that nobody guesses the id of another's query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QueryId(pub uuid::Uuid);

impl SessionId {
    /// A new id. Starts at the clock's milliseconds, so that a restarted server does not repeat ids.
    pub fn generate() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        SessionId(advance(&LAST, since_epoch().as_millis() as u64))
    }
}

impl QueryId {
    /// A new id, greater than every earlier one of this process.
    pub fn generate() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let epoch = Duration::from_secs(1_577_836_800); // 2020-01-01
        let milliseconds = since_epoch().saturating_sub(epoch).as_millis() as u64;
        let ordered = advance(&LAST, (milliseconds & 0xff_ffff_ffff) << 16);
        let random = uuid::Uuid::new_v4().as_u128() & u128::from(u64::MAX);
        let id = (1u128 << 120) | (u128::from(ordered) << 64) | random;
        QueryId(uuid::Uuid::from_u128(id))
    }
}

/// The greater of `at_least` and the successor of the last number given out.
fn advance(last: &AtomicU64, at_least: u64) -> u64 {
    let next = |last: u64| at_least.max(last + 1);
    let update = last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| {
        Some(next(last))
    });
    match update {
        Ok(previous) | Err(previous) => next(previous),
    }
}

fn since_epoch() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for QueryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl FromStr for QueryId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(QueryId)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_ids_look_like_snowflakes_and_sort_by_time() {
        let ids: Vec<QueryId> = (0..100_000).map(|_| QueryId::generate()).collect();
        assert!(ids.is_sorted_by(|a, b| a < b));
        assert!(ids.is_sorted_by(|a, b| a.to_string() < b.to_string()));
        let text = ids[0].to_string();
        assert!(text.starts_with("01"), "{text}");
        assert_eq!(text.parse::<QueryId>().unwrap(), ids[0]);
    }

    #[test]
    fn session_ids_fit_a_double() {
        let id = SessionId::generate();
        assert!(id.0 < 1 << 53);
        assert!(SessionId::generate() > id);
    }
}
