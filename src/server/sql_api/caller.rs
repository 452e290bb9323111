//! Who calls: from `Authorization: Bearer …`. In the open mode any token is good; a JWT says whose it is.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::messages::Refusal;
use crate::server::App;

/// The caller of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Caller {
    pub account: String,
    pub user: String,
}

/// The user of a token that names none.
const NAMELESS_USER: &str = "SNOWGLOBE";

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Refusal> {
        let header = parts
            .headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let token = header
            .and_then(|header| header.strip_prefix("Bearer "))
            .map(str::trim);
        match token {
            Some(token) if !token.is_empty() => Ok(of_token(token)),
            _ => Err(Refusal::request(
                StatusCode::BAD_REQUEST,
                "390146",
                "Authorization header with a bearer token is missing.",
            )),
        }
    }
}

/// A key-pair JWT has `iss = <ACCOUNT>.<USER>.SHA256:…` and `sub = <ACCOUNT>.<USER>`.
fn of_token(token: &str) -> Caller {
    #[derive(Deserialize)]
    struct Claims {
        sub: Option<String>,
    }
    let payload = token.split('.').nth(1).unwrap_or_default();
    let claims = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok();
    let claims = claims.and_then(|json| serde_json::from_slice::<Claims>(&json).ok());
    match claims.and_then(|claims| claims.sub) {
        Some(subject) => match subject.split_once('.') {
            Some((account, user)) => Caller {
                account: account.to_owned(),
                user: user.to_uppercase(),
            },
            None => Caller {
                account: String::new(),
                user: subject.to_uppercase(),
            },
        },
        None => Caller {
            account: String::new(),
            user: NAMELESS_USER.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jwt_names_account_and_user() {
        let payload =
            URL_SAFE_NO_PAD.encode(r#"{"iss":"ACME.ADA.SHA256:x","sub":"ACME.ada","exp":1}"#);
        let caller = of_token(&format!("e30.{payload}.c2ln"));
        assert_eq!(
            caller,
            Caller {
                account: "ACME".into(),
                user: "ADA".into()
            }
        );
        assert_eq!(of_token("pat-token").user, NAMELESS_USER);
    }
}
