//! Stages with a name.
//!
//! Source: Snowflake, "CREATE STAGE", "ALTER STAGE", "DESCRIBE STAGE"; messages and rows as recorded from a live account.

use std::collections::BTreeMap;

use super::file_format::{StageFormatSpec, file_format};
use super::option::{OptionText, boolean, parse_options};
use super::{Kind, Spec};
use crate::catalog::{
    Detail, Directory, Lookup, NewObject, Object, ObjectId, ObjectKind, Stage, StageFormat,
};
use crate::error::{Error, Result};
use crate::files::Written;
use crate::functions::Facts;
use crate::result::{Column, ResultSet};
use crate::sql::Cursor;
use crate::types::LogicalType;

pub(super) const KIND: Kind = Kind {
    modifiers: &["TEMP", "TEMPORARY"],
    parse,
    describe,
    ..Kind::recorded(ObjectKind::Stage, "stages", &[])
};

/// `CREATE [TEMPORARY] STAGE name [option = value …] [[WITH] TAG (…)]`
pub struct StageSpec {
    pub temporary: bool,
    options: Vec<(String, OptionText)>,
}

fn parse(_: &'static Kind, cursor: &mut Cursor<'_>, modifiers: &[&'static str]) -> Result<Spec> {
    if cursor.peek_word().as_deref() == Some("CLONE") {
        return Err(Error::unsupported("CREATE STAGE … CLONE"));
    }
    let mut options = parse_options(cursor)?;
    while cursor.peek().is_some() {
        // Tags are accepted without effect.
        let tag = cursor.take_words("WITH TAG") || cursor.take_word("TAG");
        if !tag {
            return Err(cursor.unexpected());
        }
        cursor.parenthesized()?;
        options.extend(parse_options(cursor)?);
    }
    Ok(Spec::Stage(Box::new(StageSpec {
        temporary: !modifiers.is_empty(),
        options,
    })))
}

impl StageSpec {
    /// `place` is the schema and, of a temporary stage, the session.
    pub fn object(
        &self,
        lookup: &Lookup,
        (schema, session): (ObjectId, Option<u64>),
        name: &str,
        owner: &str,
    ) -> Result<NewObject> {
        let (mut stage, mut comment) = (Stage::default(), None);
        change_stage(lookup, name, &mut stage, &mut comment, &self.options)?;
        Ok(NewObject {
            parent: schema,
            session,
            name: name.to_owned(),
            owner: owner.to_owned(),
            comment,
            detail: Detail::Stage(Box::new(stage)),
        })
    }
}

/// Schemes of the clouds. Source: Snowflake, "CREATE STAGE" (`externalStageParams`).
const SCHEMES: &[&str] = &["s3", "s3gov", "s3china", "gcs", "azure", "s3compat"];

/// Options of COPY INTO that a stage may set, with the type and default that DESCRIBE shows.
const COPY_OPTIONS: &[(&str, &str, &str)] = &[
    ("ON_ERROR", "String", "ABORT_STATEMENT"),
    ("SIZE_LIMIT", "Long", ""),
    ("PURGE", "Boolean", "false"),
    ("RETURN_FAILED_ONLY", "Boolean", "false"),
    ("ENFORCE_LENGTH", "Boolean", "true"),
    ("TRUNCATECOLUMNS", "Boolean", "false"),
    ("FORCE", "Boolean", "false"),
];

/// Options of external stages that say how to reach them, not who asks.
const LOCATION_OPTIONS: &[&str] = &[
    "AWS_ACCESS_POINT_ARN",
    "ENDPOINT",
    "STORAGE_INTEGRATION",
    "USE_PRIVATELINK_ENDPOINT",
];

/// Sets options of a stage, as CREATE and ALTER do.
pub fn change_stage(
    lookup: &Lookup,
    name: &str,
    stage: &mut Stage,
    comment: &mut Option<String>,
    options: &[(String, OptionText)],
) -> Result<()> {
    let mut formats = 0;
    let (mut needs_url, mut cloud_encryption) = (false, false);
    for (option, text) in options {
        match option.as_str() {
            "COMMENT" => {
                let text = text.text(option)?;
                *comment = Some(text.to_owned()).filter(|text| !text.is_empty());
            }
            "FILE_FORMAT" => {
                formats += 1;
                if formats > 1 {
                    return Err(Error::conflicting_format_values("TYPE"));
                }
                stage.format = StageFormatSpec::read(text)?.resolve(lookup)?;
            }
            "COPY_OPTIONS" => copy_options(&mut stage.copy_options, group(option, text)?)?,
            "DIRECTORY" => directory(&mut stage.directory, group(option, text)?)?,
            "URL" => stage.url = Some(checked_url(text.text(option)?)?),
            "CREDENTIALS" => {
                needs_url = true;
                for (key, value) in group(option, text)? {
                    let text = value.text().ok_or_else(|| value.invalid(key))?;
                    stage.credentials.insert(key.clone(), text.to_owned());
                }
            }
            "ENCRYPTION" => {
                for (key, value) in group(option, text)? {
                    let text = value.text().ok_or_else(|| value.invalid(key))?;
                    if key == "TYPE" {
                        let ty = text.to_uppercase();
                        cloud_encryption |= !ty.starts_with("SNOWFLAKE_");
                        stage.encryption = Some(ty);
                    } else {
                        cloud_encryption = true;
                        stage.credentials.insert(key.clone(), text.to_owned());
                    }
                }
            }
            option if LOCATION_OPTIONS.contains(&option) => {
                needs_url = true;
                let text = text.text(option)?.to_owned();
                stage.location.insert(option.to_owned(), text);
            }
            _ => return Err(Error::invalid_property(option, "STAGE")),
        }
    }
    match stage.url {
        None if needs_url => Err(Error::stage_without_location(name)),
        None if cloud_encryption => Err(Error::internal_stage_option()),
        _ => Ok(()),
    }
}

fn group<'o>(name: &str, option: &'o OptionText) -> Result<&'o [(String, Written)]> {
    match option {
        OptionText::Group(group) => Ok(group),
        // `COPY_OPTIONS = ()`
        OptionText::Value(Written::List(texts)) if texts.is_empty() => Ok(&[]),
        OptionText::Value(value) => Err(value.invalid(name)),
    }
}

fn copy_options(set: &mut BTreeMap<String, String>, group: &[(String, Written)]) -> Result<()> {
    for (name, value) in group {
        let text = value.text().ok_or_else(|| value.invalid(name))?;
        let known = COPY_OPTIONS.iter().find(|(known, _, _)| known == name);
        let text = match known {
            Some((_, "Boolean", _)) => boolean(name, value)?.to_string(),
            Some((_, "Long", _)) => {
                let number = text.parse::<u64>().map_err(|_| value.invalid(name))?;
                number.to_string()
            }
            Some(_) => text.to_uppercase(),
            None => return Err(Error::invalid_parameter(name)),
        };
        set.insert(name.clone(), text);
    }
    Ok(())
}

fn directory(directory: &mut Option<Directory>, group: &[(String, Written)]) -> Result<()> {
    let mut wanted = directory.unwrap_or_default();
    let mut enabled = directory.is_some();
    for (name, value) in group {
        match name.as_str() {
            "ENABLE" => enabled = boolean(name, value)?,
            "AUTO_REFRESH" => wanted.auto_refresh = boolean(name, value)?,
            "REFRESH_ON_CREATE" => {
                boolean(name, value)?;
            }
            // Who is told of new files: nobody is, here.
            "AWS_SNS_TOPIC" | "NOTIFICATION_INTEGRATION" => {}
            _ => return Err(Error::invalid_parameter(name)),
        }
    }
    *directory = enabled.then_some(wanted);
    Ok(())
}

/// URL of an external stage. Source of the errors: recorded from a live account.
fn checked_url(url: &str) -> Result<String> {
    let (scheme, rest) = url
        .split_once("://")
        .ok_or_else(|| Error::invalid_url(url))?;
    let known = SCHEMES
        .iter()
        .any(|known| known.eq_ignore_ascii_case(scheme));
    match known {
        true if rest.is_empty() => Err(Error::invalid_url(url)),
        true => Ok(url.to_owned()),
        // An absolute path is at least well-formed.
        false if rest.starts_with('/') => Err(Error::invalid_url_prefix(url)),
        false => Err(Error::invalid_url(url)),
    }
}

/// `parent_property`, `property`, `property_type`, `property_value`, `property_default`.
fn describe(lookup: &Lookup, object: &Object, _: &Facts) -> Result<ResultSet> {
    let Detail::Stage(stage) = &object.detail else {
        return Err(Error::internal("a stage of another kind"));
    };
    let columns = [
        "parent_property",
        "property",
        "property_type",
        "property_value",
        "property_default",
    ];
    let columns = columns.map(|name| Column::new(name, LogicalType::TEXT));
    let mut rows = Vec::new();
    let mut row = |parent: &str, property: [&str; 4]| {
        let cells = std::iter::once(parent).chain(property);
        rows.push(cells.map(|cell| Some(cell.to_owned())).collect::<Vec<_>>());
    };
    match &stage.format {
        StageFormat::Named(parts) => {
            let name = parts.join(".");
            row("STAGE_FILE_FORMAT", ["FORMAT_NAME", "String", &name, ""]);
        }
        inline @ StageFormat::Inline(_) => {
            for [name, ty, value, default] in file_format(lookup, inline)?.described() {
                row("STAGE_FILE_FORMAT", [&name, &ty, &value, &default]);
            }
        }
    }
    for (name, ty, default) in COPY_OPTIONS {
        let value = stage.copy_options.get(*name).map_or(*default, |set| set);
        row("STAGE_COPY_OPTIONS", [name, ty, value, default]);
    }
    let url = stage.url.as_ref().map(|url| format!("[\"{url}\"]"));
    row(
        "STAGE_LOCATION",
        ["URL", "String", &url.unwrap_or_default(), ""],
    );
    if stage.url.is_some() {
        let location = |name: &str| stage.location.get(name).map_or("", String::as_str);
        if stage.location.contains_key("ENDPOINT") {
            row(
                "STAGE_LOCATION",
                ["ENDPOINT", "String", location("ENDPOINT"), ""],
            );
        }
        if stage.location.contains_key("STORAGE_INTEGRATION") {
            let integration = location("STORAGE_INTEGRATION").to_uppercase();
            let property = ["STORAGE_INTEGRATION", "String", &integration, ""];
            row("STAGE_INTEGRATION", property);
        }
        let key = stage
            .credentials
            .get("AWS_KEY_ID")
            .map_or("", String::as_str);
        row("STAGE_CREDENTIALS", ["AWS_KEY_ID", "String", key, ""]);
    }
    let directory = stage.directory.unwrap_or_default();
    let enabled = stage.directory.is_some();
    if enabled {
        let refreshed = directory.refreshed_on.map(shown_instant);
        let property = [
            "LAST_REFRESHED_ON",
            "Timestamp",
            &refreshed.unwrap_or_default(),
            "",
        ];
        row("DIRECTORY", property);
    }
    let truth = |value: bool| if value { "true" } else { "false" };
    row("DIRECTORY", ["ENABLE", "Boolean", truth(enabled), "false"]);
    let refreshes = truth(directory.auto_refresh);
    row("DIRECTORY", ["AUTO_REFRESH", "Boolean", refreshes, "false"]);
    ResultSet::from_text_rows(columns.to_vec(), rows)
}

/// `2023-05-03 12:50:28.000 +0000`
fn shown_instant(microseconds: i64) -> String {
    let instant = jiff::Timestamp::from_microsecond(microseconds).unwrap_or_default();
    instant.strftime("%Y-%m-%d %H:%M:%S.%3f +0000").to_string()
}
