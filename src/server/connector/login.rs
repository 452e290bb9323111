//! `POST /session/v1/login-request`
//!
//! Credentials are not even read: any user and any password is welcome.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::messages::{
    Failure, ParameterMessage, SessionInfo, parameter_pairs, parameters, success,
};
use crate::query::Login;
use crate::server::App;
use crate::server::body::{JsonBody, UrlQuery};
use crate::session::registry::{MASTER_VALIDITY, SESSION_VALIDITY};
use crate::session::{Client, SERVER_VERSION};
use crate::statement::LoginScope;

/// The context of the connect string; the universal core sends empty values for what is not set.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(rename = "databaseName")]
    database: Option<String>,
    #[serde(rename = "schemaName")]
    schema: Option<String>,
    warehouse: Option<String>,
    #[serde(rename = "roleName")]
    role: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Body {
    #[serde(default)]
    data: LoginData,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE", default)]
struct LoginData {
    client_app_id: Option<String>,
    client_app_version: Option<String>,
    account_name: Option<String>,
    login_name: Option<String>,
    authenticator: Option<String>,
    token: Option<String>,
    session_parameters: Option<serde_json::Map<String, serde_json::Value>>,
    client_capabilities: Option<serde_json::Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LoginAnswer {
    token: String,
    validity_in_seconds: u64,
    master_token: String,
    master_validity_in_seconds: u64,
    display_user_name: String,
    server_version: &'static str,
    first_login: bool,
    rem_me_token: (),
    rem_me_validity_in_seconds: u64,
    /// JDBC takes any other value for its socket timeout.
    health_check_interval: u64,
    new_client_for_upgrade: (),
    session_id: u64,
    parameters: Vec<ParameterMessage>,
    session_info: SessionInfo,
    id_token: (),
    id_token_validity_in_seconds: u64,
    response_data: (),
    mfa_token: (),
    mfa_token_validity_in_seconds: u64,
}

pub(super) async fn login(
    State(app): State<Arc<App>>,
    UrlQuery(asked): UrlQuery<Asked>,
    JsonBody(Body { data }): JsonBody<Body>,
) -> Result<Response, Failure> {
    let (session, tokens) = app.service.login(data.into_login(asked)).await?;
    Ok(success(LoginAnswer {
        token: tokens.session,
        validity_in_seconds: SESSION_VALIDITY.as_secs(),
        master_token: tokens.master,
        master_validity_in_seconds: MASTER_VALIDITY.as_secs(),
        display_user_name: session.user.clone(),
        server_version: SERVER_VERSION,
        first_login: false,
        rem_me_token: (),
        rem_me_validity_in_seconds: 0,
        health_check_interval: 45,
        new_client_for_upgrade: (),
        session_id: session.id.0,
        parameters: parameters(&session.parameters()),
        session_info: session.scope().into(),
        id_token: (),
        id_token_validity_in_seconds: 0,
        response_data: (),
        mfa_token: (),
        mfa_token_validity_in_seconds: 0,
    }))
}

impl LoginData {
    fn into_login(self, asked: Asked) -> Login {
        let parameters = parameter_pairs(self.session_parameters.unwrap_or_default());
        let validates = |(name, value): &(String, String)| {
            name.eq_ignore_ascii_case("CLIENT_VALIDATE_DEFAULT_PARAMETERS")
                && value.eq_ignore_ascii_case("true")
        };
        let jwt = self
            .authenticator
            .is_some_and(|authenticator| authenticator.eq_ignore_ascii_case("SNOWFLAKE_JWT"));
        let token = self.token.filter(|_| jwt);
        Login {
            account: self.account_name.unwrap_or_default(),
            user: present(self.login_name).or_else(|| token.and_then(|token| user_of_jwt(&token))),
            client: Client {
                application: self.client_app_id.unwrap_or_default(),
                version: self.client_app_version.unwrap_or_default(),
                universal_core: self
                    .client_capabilities
                    .is_some_and(|given| !given.is_null()),
            },
            scope: LoginScope {
                database: present(asked.database),
                schema: present(asked.schema),
                warehouse: present(asked.warehouse),
                role: present(asked.role),
            },
            validate_parameters: parameters.iter().any(validates),
            parameters,
        }
    }
}

fn present(value: Option<String>) -> Option<String> {
    value.filter(|value| !value.is_empty())
}

/// Go names the user of a key-pair login in the token's claim `sub` alone: `ACCOUNT.USER`.
fn user_of_jwt(token: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Claims {
        sub: String,
    }
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: Claims = serde_json::from_slice(&claims).ok()?;
    let (_, user) = claims.sub.split_once('.')?;
    Some(user.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(data: serde_json::Value, asked: serde_json::Value) -> Login {
        let body: Body = serde_json::from_value(json!({"data": data})).unwrap();
        body.data.into_login(serde_json::from_value(asked).unwrap())
    }

    #[test]
    fn empty_names_count_as_absent() {
        let asked = json!({"databaseName": "", "schemaName": "s", "warehouse": "", "roleName": ""});
        let data = json!({
            "LOGIN_NAME": "alice", "PASSWORD": "secret", "CLIENT_APP_ID": "PythonConnector",
            "CLIENT_CAPABILITIES": {"SMK_ID_AS_STRING": true},
            "SESSION_PARAMETERS": {"QUERY_TAG": "etl", "CLIENT_VALIDATE_DEFAULT_PARAMETERS": true},
        });
        let login = read(data, asked);
        assert_eq!(login.scope.schema.as_deref(), Some("s"));
        assert_eq!((login.scope.database, login.scope.role), (None, None));
        assert_eq!(login.user.as_deref(), Some("alice"));
        assert!(login.client.universal_core && login.validate_parameters);
    }

    #[test]
    fn the_user_may_stand_in_the_token() {
        let claims = URL_SAFE_NO_PAD.encode(br#"{"sub":"ACCOUNT.BOB","iss":"x"}"#);
        let token = format!("h.{claims}.s");
        let data = json!({"AUTHENTICATOR": "SNOWFLAKE_JWT", "TOKEN": token});
        assert_eq!(read(data, json!({})).user.as_deref(), Some("BOB"));
        let data = json!({"AUTHENTICATOR": "OAUTH", "TOKEN": "opaque"});
        assert_eq!(read(data, json!({})).user, None);
    }
}
