//! The open sessions, found by their tokens.
//!
//! A login gets two opaque tokens of 256 random bits: a session token for requests, which runs out after an hour, and a
//! master token to renew it with, which runs out four hours after the last renewal and takes the session along. Tokens that
//! a renewal replaced stay valid for a while, because requests with them are in flight. Only hashes of tokens are kept.
//!
//! Time comes in as an argument, so that expiry can be tested.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};

use super::{Session, SessionId};
use crate::error::{Error, Result};

/// How long a session token is valid.
pub const SESSION_VALIDITY: Duration = Duration::from_secs(3600);
/// How long a master token is valid after the login or the last renewal.
pub const MASTER_VALIDITY: Duration = Duration::from_secs(14_400);
/// How long a session token that was renewed can still be used.
const OVERLAP: Duration = Duration::from_secs(300);
/// Session tokens remembered per session, so that an old one is answered with "expired" and not with "unknown".
const REMEMBERED_TOKENS: usize = 4;

/// The tokens of a login or a renewal.
#[derive(Clone)]
pub struct Tokens {
    pub session: String,
    pub master: String,
}

/// All open sessions.
pub struct Registry {
    max_sessions: usize,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    sessions: HashMap<SessionId, Entry>,
    by_token: HashMap<Hash, SessionId>,
}

struct Entry {
    session: Arc<Session>,
    master: Hash,
    master_expires: Instant,
    /// Session tokens with their ends, oldest first.
    tokens: VecDeque<(Hash, Instant)>,
}

type Hash = [u8; 32];

impl Registry {
    pub fn new(max_sessions: usize) -> Self {
        Registry {
            max_sessions,
            open: Mutex::default(),
        }
    }

    /// Opens a session and gives it tokens.
    pub fn open(&self, session: Arc<Session>, now: Instant) -> Result<Tokens> {
        let tokens = Tokens {
            session: new_token()?,
            master: new_token()?,
        };
        let mut open = self.open.lock();
        if open.sessions.len() >= self.max_sessions {
            let detail = format!(
                "all {} sessions of this server are in use",
                self.max_sessions
            );
            return Err(Error::bad_request(detail));
        }
        let id = session.id;
        let entry = Entry {
            session,
            master: hash(&tokens.master),
            master_expires: now + MASTER_VALIDITY,
            tokens: VecDeque::new(),
        };
        open.by_token.insert(entry.master, id);
        open.sessions.insert(id, entry);
        open.add_token(id, &tokens.session, now);
        Ok(tokens)
    }

    /// The session of a session token.
    pub fn session(&self, token: &str, now: Instant) -> Result<Arc<Session>> {
        check_form(token)?;
        let open = self.open.lock();
        let hash = hash(token);
        let entry = open.entry(&hash).ok_or_else(Error::session_gone)?;
        if now >= entry.master_expires {
            return Err(Error::session_gone());
        }
        match entry.tokens.iter().find(|(known, _)| *known == hash) {
            Some((_, expires)) if now < *expires => Ok(Arc::clone(&entry.session)),
            Some(_) => Err(Error::session_token_expired()),
            None => Err(Error::invalid_token()), // the master token
        }
    }

    /// A new session token, and four more hours for the master token.
    pub fn renew(&self, master: &str, now: Instant) -> Result<(Arc<Session>, Tokens)> {
        let new = new_token()?;
        let mut open = self.open.lock();
        let hash = hash(master);
        let id = match open.entry(&hash) {
            Some(entry) if entry.master != hash => return Err(Error::master_token_invalid()),
            Some(entry) if now >= entry.master_expires => {
                return Err(Error::master_token_expired());
            }
            Some(entry) => entry.session.id,
            None => return Err(Error::master_token_invalid()),
        };
        open.add_token(id, &new, now);
        let entry = open.sessions.get_mut(&id).ok_or_else(Error::session_gone)?;
        entry.master_expires = now + MASTER_VALIDITY;
        let tokens = Tokens {
            session: new,
            master: master.to_owned(),
        };
        Ok((Arc::clone(&entry.session), tokens))
    }

    /// Ends the session of a token, expired or not.
    pub fn close(&self, token: &str) -> Result<Arc<Session>> {
        check_form(token)?;
        let mut open = self.open.lock();
        let id = open.by_token.get(&hash(token)).copied();
        id.and_then(|id| open.remove(id))
            .ok_or_else(Error::session_gone)
    }

    /// Removes the sessions that nobody can renew any more, and returns them.
    pub fn expire(&self, now: Instant) -> Vec<Arc<Session>> {
        let mut open = self.open.lock();
        let expired: Vec<SessionId> = open
            .sessions
            .iter()
            .filter(|(_, entry)| now >= entry.master_expires)
            .map(|(id, _)| *id)
            .collect();
        expired
            .into_iter()
            .filter_map(|id| open.remove(id))
            .collect()
    }

    /// Number of open sessions.
    pub fn count(&self) -> usize {
        self.open.lock().sessions.len()
    }
}

impl Open {
    fn entry(&self, token: &Hash) -> Option<&Entry> {
        self.sessions.get(self.by_token.get(token)?)
    }

    fn add_token(&mut self, id: SessionId, token: &str, now: Instant) {
        let Some(entry) = self.sessions.get_mut(&id) else {
            return;
        };
        for (_, expires) in &mut entry.tokens {
            *expires = (*expires).min(now + OVERLAP);
        }
        let hash = hash(token);
        entry.tokens.push_back((hash, now + SESSION_VALIDITY));
        self.by_token.insert(hash, id);
        if entry.tokens.len() > REMEMBERED_TOKENS
            && let Some((oldest, _)) = entry.tokens.pop_front()
        {
            self.by_token.remove(&oldest);
        }
    }

    fn remove(&mut self, id: SessionId) -> Option<Arc<Session>> {
        let entry = self.sessions.remove(&id)?;
        self.by_token.remove(&entry.master);
        for (token, _) in &entry.tokens {
            self.by_token.remove(token);
        }
        Some(entry.session)
    }
}

/// The beginning of every token, in Snowflake's form.
const PREFIX: &str = "ver:1-hint:1-";

fn new_token() -> Result<String> {
    let mut random = [0u8; 32];
    getrandom::fill(&mut random).map_err(|error| Error::internal(error.to_string()))?;
    Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random)))
}

fn check_form(token: &str) -> Result<()> {
    match token.starts_with(PREFIX) {
        true => Ok(()),
        false => Err(Error::invalid_token()),
    }
}

fn hash(token: &str) -> Hash {
    Sha256::digest(token.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::ObjectId;
    use crate::error::ErrorCode;
    use crate::session::{Client, Parameters, Scope};

    const SECOND: Duration = Duration::from_secs(1);

    fn session() -> Arc<Session> {
        Arc::new(Session::new(
            ObjectId(1),
            "ALICE".into(),
            Client::default(),
            Scope::default(),
            Parameters::default(),
        ))
    }

    fn code(result: Result<Arc<Session>>) -> ErrorCode {
        result.map(|_| ()).unwrap_err().code()
    }

    #[test]
    fn a_session_token_runs_out_and_is_renewed() {
        let (registry, start) = (Registry::new(10), Instant::now());
        let tokens = registry.open(session(), start).unwrap();
        assert!(!tokens.session.contains([' ', '"']));
        assert!(registry.session(&tokens.session, start).is_ok());

        let later = start + SESSION_VALIDITY;
        let expired = registry.session(&tokens.session, later);
        assert_eq!(code(expired), ErrorCode::SessionTokenExpired);
        let (_, renewed) = registry.renew(&tokens.master, later).unwrap();
        assert!(registry.session(&renewed.session, later).is_ok());
        let old = registry.session(&tokens.session, later);
        assert_eq!(code(old), ErrorCode::SessionTokenExpired);
    }

    #[test]
    fn a_renewed_token_stays_valid_for_a_while() {
        let (registry, start) = (Registry::new(10), Instant::now());
        let tokens = registry.open(session(), start).unwrap();
        registry.renew(&tokens.master, start + SECOND).unwrap();
        let soon = start + SECOND + OVERLAP - SECOND;
        assert!(registry.session(&tokens.session, soon).is_ok());
        let old = registry.session(&tokens.session, soon + SECOND);
        assert_eq!(code(old), ErrorCode::SessionTokenExpired);
    }

    #[test]
    fn an_idle_session_ends_with_its_master_token() {
        let (registry, start) = (Registry::new(10), Instant::now());
        let tokens = registry.open(session(), start).unwrap();
        let half = start + MASTER_VALIDITY / 2;
        registry.renew(&tokens.master, half).unwrap();
        assert!(registry.expire(start + MASTER_VALIDITY).is_empty());
        let end = half + MASTER_VALIDITY;
        let renewal = registry
            .renew(&tokens.master, end)
            .map(|(session, _)| session);
        assert_eq!(code(renewal), ErrorCode::MasterTokenExpired);
        assert_eq!(registry.expire(end).len(), 1);
        assert_eq!(
            code(registry.session(&tokens.session, end)),
            ErrorCode::SessionGone
        );
        assert!(registry.open.lock().by_token.is_empty());
    }

    #[test]
    fn tokens_do_not_stand_in_for_each_other() {
        let (registry, now) = (Registry::new(10), Instant::now());
        let tokens = registry.open(session(), now).unwrap();
        assert_eq!(code(registry.session("None", now)), ErrorCode::InvalidToken);
        assert_eq!(
            code(registry.session(&tokens.master, now)),
            ErrorCode::InvalidToken
        );
        let renewal = registry
            .renew(&tokens.session, now)
            .map(|(session, _)| session);
        assert_eq!(code(renewal), ErrorCode::MasterTokenInvalid);
        registry.close(&tokens.session).unwrap();
        assert_eq!(
            code(registry.session(&tokens.session, now)),
            ErrorCode::SessionGone
        );
        assert_eq!(
            code(registry.close(&tokens.session)),
            ErrorCode::SessionGone
        );
    }

    #[test]
    fn the_number_of_sessions_and_of_remembered_tokens_is_bounded() {
        let (registry, now) = (Registry::new(1), Instant::now());
        let tokens = registry.open(session(), now).unwrap();
        assert!(registry.open(session(), now).is_err());
        for _ in 0..20 {
            registry.renew(&tokens.master, now).unwrap();
        }
        assert_eq!(registry.open.lock().by_token.len(), 1 + REMEMBERED_TOKENS);
    }
}
