//! File formats with a name. Which options there are, `files` knows.
//!
//! Source: Snowflake, "CREATE FILE FORMAT", "ALTER FILE FORMAT", "DESCRIBE FILE FORMAT".

use super::option::{OptionText, parse_options};
use super::{Kind, Spec, TEMPORARY};
use crate::catalog::{
    Detail, FileFormat, Lookup, NewObject, Object, ObjectId, ObjectKind, StageFormat,
};
use crate::error::{Error, Result};
use crate::files::{self, Written};
use crate::functions::Facts;
use crate::result::{Column, ResultSet};
use crate::sql::{Cursor, Folding, ObjectName, Source};
use crate::types::LogicalType;

pub(super) const KIND: Kind = Kind {
    modifiers: TEMPORARY,
    parse,
    describe,
    ..Kind::recorded(ObjectKind::FileFormat, "file_formats", &[])
};

/// `CREATE [TEMPORARY] FILE FORMAT name [option = value …] [COMMENT = '…']`
pub struct FormatSpec {
    pub temporary: bool,
    format: files::FileFormat,
    comment: Option<String>,
}

fn parse(_: &'static Kind, cursor: &mut Cursor<'_>, modifiers: &[&'static str]) -> Result<Spec> {
    let options = parse_options(cursor)?;
    cursor.end()?;
    let (written, comment) = split(&options)?;
    Ok(Spec::FileFormat(FormatSpec {
        temporary: !modifiers.is_empty(),
        format: files::FileFormat::from_written(&written)?,
        comment: comment.flatten(),
    }))
}

/// The options of the format, and the comment if it is said (`None` within: an empty one).
type Options = (Vec<(String, Written)>, Option<Option<String>>);

fn split(options: &[(String, OptionText)]) -> Result<Options> {
    let mut written = Vec::new();
    let mut comment = None;
    for (name, text) in options {
        match name.as_str() {
            "COMMENT" => {
                let text = text.text(name)?;
                comment = Some(Some(text.to_owned()).filter(|text| !text.is_empty()));
            }
            _ => written.push((name.clone(), text.value(name)?.clone())),
        }
    }
    Ok((written, comment))
}

impl FormatSpec {
    pub fn object(
        &self,
        schema: ObjectId,
        session: Option<u64>,
        name: &str,
        owner: &str,
    ) -> NewObject {
        NewObject {
            parent: schema,
            session,
            name: name.to_owned(),
            owner: owner.to_owned(),
            comment: self.comment.clone(),
            detail: Detail::FileFormat(self.format.clone().into()),
        }
    }
}

/// ALTER FILE FORMAT … SET: the type cannot change.
pub fn change_format(
    format: &mut FileFormat,
    comment: &mut Option<String>,
    options: &[(String, OptionText)],
) -> Result<()> {
    let (written, new_comment) = split(options)?;
    if written.iter().any(|(name, _)| name == "TYPE") {
        return Err(Error::format_type_fixed());
    }
    let mut changed = format.format.clone();
    changed.change(&written)?;
    *format = changed.into();
    if let Some(new_comment) = new_comment {
        *comment = new_comment;
    }
    Ok(())
}

/// `FILE_FORMAT = …` of a stage or of COPY INTO: a name, or options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StageFormatSpec {
    Named(String),
    Inline(files::FileFormat),
}

impl StageFormatSpec {
    /// `(FORMAT_NAME = 'name')`, `(TYPE = … …)`, or a name alone.
    pub fn read(option: &OptionText) -> Result<Self> {
        let group = match option {
            OptionText::Value(value) => {
                let name = value.text().ok_or_else(|| value.invalid("FILE_FORMAT"))?;
                return Ok(StageFormatSpec::Named(name.to_owned()));
            }
            OptionText::Group(group) => group,
        };
        let mut names = group.iter().filter(|(name, _)| name == "FORMAT_NAME");
        let Some((name, value)) = names.next() else {
            return files::FileFormat::from_written(group).map(StageFormatSpec::Inline);
        };
        if group.iter().any(|(name, _)| name == "TYPE") {
            return Err(Error::conflicting_format_values("TYPE"));
        }
        let text = value.text().ok_or_else(|| value.invalid(name))?;
        Ok(StageFormatSpec::Named(text.to_owned()))
    }

    /// With the name in full; a format of that name must be there.
    pub fn resolve(&self, lookup: &Lookup) -> Result<StageFormat> {
        match self {
            StageFormatSpec::Inline(format) => Ok(StageFormat::Inline(format.clone())),
            StageFormatSpec::Named(name) => {
                let object = KIND.get(lookup, &named(name)?, "FILE FORMAT")?;
                let above = |object: &Object| lookup.snapshot.get(object.parent);
                let schema = above(object).ok_or_else(Error::object_or_operation)?;
                let database = above(schema).ok_or_else(Error::object_or_operation)?;
                Ok(StageFormat::Named([
                    database.name.clone(),
                    schema.name.clone(),
                    object.name.clone(),
                ]))
            }
        }
    }
}

/// The options that a stage's or a statement's format means.
pub fn file_format(lookup: &Lookup, format: &StageFormat) -> Result<files::FileFormat> {
    let parts = match format {
        StageFormat::Inline(format) => return Ok(format.clone()),
        StageFormat::Named(parts) => parts.to_vec(),
    };
    let object = KIND.get(lookup, &ObjectName { parts }, "FILE FORMAT")?;
    match &object.detail {
        Detail::FileFormat(format) => Ok(format.format.clone()),
        _ => Err(Error::internal("a file format of another kind")),
    }
}

/// A name in a text: `'db.schema."My format"'`.
fn named(text: &str) -> Result<ObjectName> {
    let source = Source::tokenize(text)?;
    let statements = source.statements();
    let [statement] = statements[..] else {
        return Err(Error::invalid_parameter_value(
            format!("'{text}'"),
            "FORMAT_NAME",
        ));
    };
    let mut cursor = Cursor::new(statement, Folding::Exact);
    let name = cursor.object_name()?;
    cursor.end()?;
    Ok(name)
}

/// `property`, `property_type`, `property_value`, `property_default`.
fn describe(_: &Lookup, object: &Object, _: &Facts) -> Result<ResultSet> {
    let Detail::FileFormat(format) = &object.detail else {
        return Err(Error::internal("a file format of another kind"));
    };
    let columns = [
        "property",
        "property_type",
        "property_value",
        "property_default",
    ];
    let columns = columns.map(|name| Column::new(name, LogicalType::TEXT));
    let rows = format.format.described();
    let rows = rows.into_iter().map(|row| row.map(Some).to_vec());
    ResultSet::from_text_rows(columns.to_vec(), rows.collect())
}
