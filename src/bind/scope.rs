//! What names mean at a place of a statement: the relations of FROM, merged columns of USING, select aliases, common
//! table expressions, and the scopes around.

use std::cell::Cell;
use std::rc::Rc;

use super::hierarchy::Hierarchy;
use crate::error::{Error, Result};
use crate::sql::quote;
use crate::tree::{CteId, Expr, ExprKind, Origin, OutputColumn, RelationId};

/// The names that an expression can use.
#[derive(Clone, Default)]
pub(super) struct Scope<'p> {
    outer: Option<&'p Scope<'p>>,
    pub relations: Vec<Visible>,
    /// Columns that USING or NATURAL made one of two; found before those of the relations.
    pub merged: Vec<VisibleColumn>,
    /// Aliases of select items; a column of the same name goes before.
    pub aliases: Vec<(String, Expr)>,
    pub ctes: Vec<Rc<VisibleCte>>,
    /// What LEVEL, PRIOR and their like mean, in a SELECT with CONNECT BY.
    pub hierarchy: Option<Rc<Hierarchy>>,
}

/// A relation of FROM.
#[derive(Clone)]
pub(super) struct Visible {
    /// Its alias, or the table's own name.
    pub name: String,
    /// Database and schema, where it is a table without alias.
    pub qualifier: Option<(String, String)>,
    pub columns: Vec<VisibleColumn>,
}

#[derive(Clone)]
pub(super) struct VisibleColumn {
    pub name: String,
    pub expr: Expr,
    pub origin: Option<Origin>,
    /// Left out of `*`, because USING merged it.
    pub merged_away: bool,
}

pub(super) struct VisibleCte {
    pub name: String,
    pub id: CteId,
    pub columns: Vec<OutputColumn>,
    /// Whether FROM has named it.
    pub(super) used: Cell<bool>,
}

impl VisibleCte {
    pub fn is_used(&self) -> bool {
        self.used.get()
    }
}

/// A resolved column.
pub(super) struct Found {
    pub expr: Expr,
    pub origin: Option<Origin>,
    pub name: String,
    /// The relation's name, for messages: `T` of `T.A`.
    pub relation: Option<String>,
}

impl<'p> Scope<'p> {
    pub fn root() -> Self {
        Scope::default()
    }

    /// An empty scope inside this one: its names are found when the inner one has none.
    pub fn inside(outer: &'p Scope<'p>) -> Self {
        Scope {
            outer: Some(outer),
            ctes: outer.ctes.clone(),
            ..Scope::default()
        }
    }

    /// A scope that sees the common table expressions of `other` and nothing else.
    pub fn of_ctes(other: &Scope<'_>) -> Self {
        Scope {
            ctes: other.ctes.clone(),
            ..Scope::default()
        }
    }

    /// Whether the relation at this place of FROM is this one.
    pub fn is(&self, index: usize, id: RelationId) -> bool {
        self.relations[index].columns.iter().any(
            |column| matches!(&column.expr.kind, ExprKind::Column(column) if column.relation == id),
        )
    }

    pub fn cte(&self, name: &str) -> Option<&Rc<VisibleCte>> {
        let found = self.ctes.iter().rev().find(|cte| cte.name == name);
        found.inspect(|cte| cte.used.set(true))
    }

    /// The column (or alias) that `parts` name, here or in a scope around.
    pub fn resolve(&self, parts: &[String]) -> Result<Found> {
        let mut scope = Some(self);
        while let Some(current) = scope {
            if let Some(found) = current.resolve_here(parts)? {
                return Ok(found);
            }
            scope = current.outer;
        }
        Err(Error::invalid_identifier(display(parts)))
    }

    /// Whether `parts` name something of a scope around.
    pub fn is_of_outer(&self, parts: &[String]) -> bool {
        matches!(self.resolve_here(parts), Ok(None)) && self.resolve(parts).is_ok()
    }

    /// `$2`: the second column of the only relation.
    pub fn resolve_number(&self, number: usize, written: &str) -> Result<Expr> {
        let mut scope = Some(self);
        while let Some(current) = scope {
            match &current.relations[..] {
                [] => scope = current.outer,
                [relation] => {
                    let index = number.checked_sub(1);
                    let column = index.and_then(|index| relation.columns.get(index));
                    let column = column.ok_or_else(|| Error::invalid_identifier(written))?;
                    return Ok(column.expr.clone());
                }
                _ => return Err(Error::ambiguous_column(written)),
            }
        }
        Err(Error::invalid_identifier(written))
    }

    fn resolve_here(&self, parts: &[String]) -> Result<Option<Found>> {
        let Some((name, qualifier)) = parts.split_last() else {
            return Ok(None);
        };
        if name == "LEVEL"
            && let Some(hierarchy) = &self.hierarchy
            && (qualifier.is_empty() || self.relations.iter().any(|r| r.is_called(qualifier)))
        {
            return Ok(Some(Found {
                expr: hierarchy.level.clone(),
                origin: None,
                name: name.clone(),
                relation: None,
            }));
        }
        if qualifier.is_empty()
            && let Some(column) = self.merged.iter().find(|column| column.name == *name)
        {
            return Ok(Some(column.found(None)));
        }
        let mut found = None;
        for relation in self
            .relations
            .iter()
            .filter(|relation| relation.is_called(qualifier))
        {
            for column in relation
                .columns
                .iter()
                .filter(|column| column.name == *name)
            {
                if found.is_some() {
                    return Err(Error::ambiguous_column(display(parts)));
                }
                found = Some(column.found(Some(&relation.name)));
            }
        }
        if found.is_none() && qualifier.is_empty() {
            found = self
                .aliases
                .iter()
                .find(|(alias, _)| alias == name)
                .map(|(alias, expr)| Found {
                    expr: expr.clone(),
                    origin: None,
                    name: alias.clone(),
                    relation: None,
                });
        }
        Ok(found)
    }
}

impl Visible {
    /// Whether `qualifier` (`t`, `schema.t`, `db.schema.t`, or nothing) can mean this relation.
    pub fn is_called(&self, qualifier: &[String]) -> bool {
        match (qualifier, &self.qualifier) {
            ([], _) => true,
            ([name], _) => self.name == *name,
            ([schema, name], Some((_, s))) => self.name == *name && s == schema,
            ([database, schema, name], Some((d, s))) => {
                self.name == *name && s == schema && d == database
            }
            _ => false,
        }
    }
}

impl VisibleColumn {
    fn found(&self, relation: Option<&str>) -> Found {
        Found {
            expr: self.expr.clone(),
            origin: self.origin.clone(),
            name: self.name.clone(),
            relation: relation.map(str::to_owned),
        }
    }
}

/// As `invalid identifier '…'` writes a name.
pub(super) fn display(parts: &[String]) -> String {
    parts
        .iter()
        .map(|part| quote(part))
        .collect::<Vec<_>>()
        .join(".")
}
