//! GET_DDL: the statement that makes an object anew, in Snowflake's own layout.
//!
//! Sources: the answers of a live account as others recorded them (tables, views, sequences, policies on columns);
//! Snowflake, "GET_DDL" for warehouses, functions and the order within a schema. Where a comment or a clustering key stands
//! is an assumption.

use crate::catalog::{
    ConstraintKind, Detail, Function, FunctionReturns, Lookup, Object, ObjectId, ObjectKind,
    Recorded, Sequence, Table, TableKind, View,
};
use crate::sql::quote;

/// Writes statements for objects.
pub(super) struct Writer<'l> {
    pub lookup: &'l Lookup,
    /// Whether the objects are named in full.
    pub qualified: bool,
}

impl Writer<'_> {
    /// The statement of one object; of a database or schema, with all that is in it. `None`: there is no such text.
    pub fn text(&self, object: &Object) -> Option<String> {
        match &object.detail {
            Detail::Database(database) => {
                let transient = if database.transient { "transient " } else { "" };
                let head = format!(
                    "create or replace {transient}database {}{};",
                    quote(&object.name),
                    comment(object)
                );
                Some(self.with_children(head, object))
            }
            Detail::Schema(schema) => {
                let transient = if schema.transient { "transient " } else { "" };
                let managed = if schema.managed_access {
                    " with managed access"
                } else {
                    ""
                };
                let head = format!(
                    "create or replace {transient}schema {}{managed}{};",
                    self.name(object),
                    comment(object)
                );
                Some(self.with_children(head, object))
            }
            Detail::Table(table) => Some(self.table(object, table)),
            Detail::View(view) => Some(self.view(object, view)),
            Detail::Sequence(sequence) => Some(self.sequence(object, sequence)),
            Detail::Function(function) => Some(self.function(object, function)),
            Detail::Recorded(recorded) => self.recorded(object, recorded),
            _ => None,
        }
    }

    fn name(&self, object: &Object) -> String {
        if !self.qualified {
            return quote(&object.name);
        }
        let mut parts = vec![quote(&object.name)];
        let mut parent = object.parent;
        while let Some(above) = self.lookup.snapshot.get(parent) {
            if above.detail.kind() == ObjectKind::Account {
                break;
            }
            parts.push(quote(&above.name));
            parent = above.parent;
        }
        parts.reverse();
        parts.join(".")
    }

    fn with_children(&self, head: String, object: &Object) -> String {
        let mut texts = vec![head];
        let seen = |child: &&std::sync::Arc<Object>| {
            child
                .session
                .is_none_or(|session| session == self.lookup.session)
        };
        let children = self.lookup.snapshot.children(object.id).filter(seen);
        let mut children: Vec<_> = children.collect();
        // What others are made from comes first.
        children.sort_by_key(|child| {
            let kind = child.detail.kind();
            let place = match kind {
                ObjectKind::Tag => 0,
                ObjectKind::Sequence => 1,
                ObjectKind::MaskingPolicy | ObjectKind::RowAccessPolicy => 2,
                ObjectKind::Table => 3,
                ObjectKind::Function => 5,
                _ => 4,
            };
            (place, kind, child.name.clone())
        });
        texts.extend(children.into_iter().filter_map(|child| {
            // The first schema of a database comes with it.
            let public = child.detail.kind() == ObjectKind::Schema && child.name == "PUBLIC";
            match (public, &child.detail) {
                (true, _) => {
                    let head = format!("create or replace schema {};", self.name(child));
                    Some(self.with_children(head, child))
                }
                _ => self.text(child),
            }
        }));
        texts.join("\n\n")
    }

    fn table(&self, object: &Object, table: &Table) -> String {
        if let Some(dynamic) = &table.dynamic {
            return format!("{};", dynamic.text.trim_end_matches(';'));
        }
        let kind = match table.table_kind {
            TableKind::Permanent => "",
            TableKind::Transient => "TRANSIENT ",
            TableKind::Temporary => "TEMPORARY ",
        };
        let column_name = |number: &u64| {
            let column = table.columns.iter().find(|column| column.number == *number);
            column.map_or_else(String::new, |column| quote(&column.name))
        };
        let mut lines: Vec<String> = table
            .columns
            .iter()
            .map(|column| {
                let mut line = format!("{} {}", quote(&column.name), column.logical);
                if !column.nullable {
                    line.push_str(" NOT NULL");
                }
                if let Some(sequence) = column.identity.and_then(|id| self.sequence_of(id)) {
                    let order = if sequence.ordered { "order" } else { "noorder" };
                    line.push_str(&format!(
                        " autoincrement start {} increment {} {order}",
                        sequence.start, sequence.increment
                    ));
                }
                if let Some(default) = &column.default {
                    line.push_str(&format!(" DEFAULT {default}"));
                }
                self.attached(object, Some(column.number), &mut line);
                if let Some(comment) = &column.comment {
                    line.push_str(&format!(" COMMENT {}", text(comment)));
                }
                line
            })
            .collect();
        for constraint in &table.constraints {
            let name = match constraint.name.starts_with("SYS_CONSTRAINT_") {
                true => String::new(),
                false => format!("constraint {} ", quote(&constraint.name)),
            };
            let columns: Vec<_> = constraint.columns.iter().map(column_name).collect();
            let columns = columns.join(", ");
            lines.push(match constraint.kind {
                ConstraintKind::PrimaryKey => format!("{name}primary key ({columns})"),
                ConstraintKind::Unique => format!("{name}unique ({columns})"),
                ConstraintKind::ForeignKey => {
                    let (table, keys) = constraint.references.clone().unwrap_or_default();
                    let table: Vec<_> = table.iter().map(|part| quote(part)).collect();
                    let keys: Vec<_> = keys.iter().map(|key| quote(key)).collect();
                    format!(
                        "{name}foreign key ({columns}) references {}({})",
                        table.join("."),
                        keys.join(", ")
                    )
                }
            });
        }
        let clustered = match &table.cluster_by {
            Some(key) => format!(" cluster by ({key})("),
            None => " (".to_owned(),
        };
        let mut end = String::new();
        self.attached(object, None, &mut end);
        if let Some(comment) = &object.comment {
            end.push_str(&format!("COMMENT={}", text(comment)));
        }
        if !end.is_empty() {
            end.push('\n');
        }
        format!(
            "create or replace {kind}TABLE {}{clustered}\n\t{}\n){end};",
            self.name(object),
            lines.join(",\n\t")
        )
    }

    fn view(&self, object: &Object, view: &View) -> String {
        let secure = if view.secure { "secure " } else { "" };
        let materialized = if view.materialized.is_some() {
            "materialized "
        } else {
            ""
        };
        let columns: Vec<String> = view
            .columns
            .iter()
            .zip(0..)
            .map(|(column, number)| {
                let mut line = quote(&column.name);
                self.attached(object, Some(number), &mut line);
                if let Some(comment) = &column.comment {
                    line.push_str(&format!(" COMMENT {}", text(comment)));
                }
                line
            })
            .collect();
        let mut end = String::new();
        self.attached(object, None, &mut end);
        if let Some(comment) = &object.comment {
            end.push_str(&format!(" COMMENT={}\n", text(comment)));
        }
        format!(
            "create or replace {secure}{materialized}view {}(\n\t{}\n){end} as {};",
            self.name(object),
            columns.join(",\n\t"),
            view.query.trim_end_matches(';')
        )
    }

    /// Policies and tags of a column, or of the object itself.
    fn attached(&self, object: &Object, column: Option<u64>, line: &mut String) {
        let mut tags = Vec::new();
        for child in self.lookup.snapshot.children(object.id) {
            let Detail::Reference(reference) = &child.detail else {
                continue;
            };
            let Some(target) = self.lookup.snapshot.get(reference.target) else {
                continue;
            };
            if reference.column != column {
                continue;
            }
            let name = self.lookup.full_name(target);
            match (&reference.value, target.detail.kind()) {
                (Some(value), _) => tags.push(format!("{name}={}", text(value))),
                (None, ObjectKind::RowAccessPolicy) => {
                    let columns: Vec<_> = reference.arguments.iter().map(|c| quote(c)).collect();
                    line.push_str(&format!(
                        " WITH ROW ACCESS POLICY {name} ON ({})",
                        columns.join(", ")
                    ));
                }
                (None, kind) => line.push_str(&format!(" WITH {kind} {name}")),
            }
        }
        if !tags.is_empty() {
            tags.sort();
            line.push_str(&format!(" WITH TAG ({})", tags.join(", ")));
        }
    }

    fn sequence_of(&self, id: ObjectId) -> Option<Sequence> {
        match &self.lookup.snapshot.get(id)?.detail {
            Detail::Sequence(sequence) => Some(*sequence),
            _ => None,
        }
    }

    fn sequence(&self, object: &Object, sequence: &Sequence) -> String {
        format!(
            "create or replace sequence {} start with {} increment by {} {}{};",
            self.name(object),
            sequence.start,
            sequence.increment,
            if sequence.ordered { "order" } else { "noorder" },
            comment(object)
        )
    }

    fn function(&self, object: &Object, function: &Function) -> String {
        let name = object.name.split('(').next().unwrap_or(&object.name);
        let arguments: Vec<_> = function
            .arguments
            .iter()
            .map(|argument| {
                let default = match &argument.default {
                    Some(default) => format!(" DEFAULT {default}"),
                    None => String::new(),
                };
                format!("\"{}\" {}{default}", argument.name, argument.logical)
            })
            .collect();
        let returns = match &function.returns {
            FunctionReturns::Scalar(logical) => logical.to_string(),
            FunctionReturns::Table(columns) => {
                let columns: Vec<_> = columns
                    .iter()
                    .map(|(name, logical)| format!("\"{name}\" {logical}"))
                    .collect();
                format!("TABLE ({})", columns.join(", "))
            }
        };
        let mut text_of = format!(
            "CREATE OR REPLACE {}FUNCTION \"{name}\"({})\nRETURNS {returns}\nLANGUAGE SQL\n",
            if function.secure { "SECURE " } else { "" },
            arguments.join(", ")
        );
        if function.strict {
            text_of.push_str("STRICT\n");
        }
        if function.immutable {
            text_of.push_str("IMMUTABLE\n");
        }
        if function.memoizable {
            text_of.push_str("MEMOIZABLE\n");
        }
        if let Some(comment) = &object.comment {
            text_of.push_str(&format!("COMMENT={}\n", text(comment)));
        }
        text_of.push_str(&format!("AS {};", text(&function.body)));
        text_of
    }

    fn recorded(&self, object: &Object, recorded: &Recorded) -> Option<String> {
        let get = |name: &str| recorded.properties.get(name).map(ToString::to_string);
        match recorded.kind {
            ObjectKind::Tag => {
                let allowed = recorded.properties.get("ALLOWED_VALUES");
                let allowed = allowed.map_or_else(String::new, |values| {
                    let values: Vec<_> = values.texts().iter().map(|v| text(v)).collect();
                    format!(" allowed_values {}", values.join(", "))
                });
                Some(format!(
                    "create or replace tag {}{allowed}{};",
                    self.name(object),
                    comment(object)
                ))
            }
            ObjectKind::Warehouse => {
                let or =
                    |name: &str, default: &str| get(name).unwrap_or_else(|| default.to_owned());
                let flag = |name: &str, default: &str| or(name, default).to_uppercase();
                Some(format!(
                    "create or replace warehouse {}\nwith\n    \
                     warehouse_type='{}'\n    warehouse_size='{}'\n    max_cluster_count={}\n    \
                     min_cluster_count={}\n    scaling_policy={}\n    auto_suspend={}\n    \
                     auto_resume={}\n    initially_suspended={}\n    \
                     enable_query_acceleration={}\n    query_acceleration_max_scale_factor={}\n    \
                     max_concurrency_level={}\n    statement_queued_timeout_in_seconds={}\n    \
                     statement_timeout_in_seconds={}\n;",
                    self.name(object),
                    or("WAREHOUSE_TYPE", "STANDARD"),
                    or("WAREHOUSE_SIZE", "X-Small"),
                    or("MAX_CLUSTER_COUNT", "1"),
                    or("MIN_CLUSTER_COUNT", "1"),
                    or("SCALING_POLICY", "STANDARD"),
                    or("AUTO_SUSPEND", "600").to_uppercase(),
                    flag("AUTO_RESUME", "TRUE"),
                    flag("INITIALLY_SUSPENDED", "FALSE"),
                    flag("ENABLE_QUERY_ACCELERATION", "FALSE"),
                    or("QUERY_ACCELERATION_MAX_SCALE_FACTOR", "8"),
                    or("MAX_CONCURRENCY_LEVEL", "8"),
                    or("STATEMENT_QUEUED_TIMEOUT_IN_SECONDS", "0"),
                    or("STATEMENT_TIMEOUT_IN_SECONDS", "172800"),
                ))
            }
            kind => {
                let (signature, body) = (get("SIGNATURE")?, get("BODY")?);
                Some(format!(
                    "create or replace {} {} as {signature} \nreturns {} ->\n{body}\n{};",
                    kind.keyword().to_lowercase(),
                    self.name(object),
                    get("RETURN_TYPE").unwrap_or_default(),
                    comment(object)
                ))
            }
        }
    }
}

/// A string literal.
fn text(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "''"))
}

fn comment(object: &Object) -> String {
    match &object.comment {
        Some(comment) => format!(" comment={}", text(comment)),
        None => String::new(),
    }
}
