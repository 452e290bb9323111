//! TPC-H: its tables, its rows from the `tpchgen` crate (the same bytes as the reference generator's), its queries.

use std::fmt::{Display, Write as _};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use tpchgen::generators::{
    CustomerGenerator, LineItemGenerator, NationGenerator, OrderGenerator, PartGenerator,
    PartSuppGenerator, RegionGenerator, SupplierGenerator,
};

/// The queries, `-- Q1` before the first, and so on.
const QUERIES: &str = include_str!("queries.sql");

/// A table: its name, and its columns with a letter for the type of each.
pub struct Table {
    pub name: &'static str,
    /// `k` a key or count, `d` an amount, `t` text, `D` a date.
    columns: &'static str,
}

pub const TABLES: [Table; 8] = [
    Table {
        name: "region",
        columns: "r_regionkey:k r_name:t r_comment:t",
    },
    Table {
        name: "nation",
        columns: "n_nationkey:k n_name:t n_regionkey:k n_comment:t",
    },
    Table {
        name: "supplier",
        columns: "s_suppkey:k s_name:t s_address:t s_nationkey:k s_phone:t s_acctbal:d s_comment:t",
    },
    Table {
        name: "part",
        columns: "p_partkey:k p_name:t p_mfgr:t p_brand:t p_type:t p_size:k p_container:t \
                  p_retailprice:d p_comment:t",
    },
    Table {
        name: "partsupp",
        columns: "ps_partkey:k ps_suppkey:k ps_availqty:k ps_supplycost:d ps_comment:t",
    },
    Table {
        name: "customer",
        columns: "c_custkey:k c_name:t c_address:t c_nationkey:k c_phone:t c_acctbal:d \
                  c_mktsegment:t c_comment:t",
    },
    Table {
        name: "orders",
        columns: "o_orderkey:k o_custkey:k o_orderstatus:t o_totalprice:d o_orderdate:D \
                  o_orderpriority:t o_clerk:t o_shippriority:k o_comment:t",
    },
    Table {
        name: "lineitem",
        columns: "l_orderkey:k l_partkey:k l_suppkey:k l_linenumber:k l_quantity:d \
                  l_extendedprice:d l_discount:d l_tax:d l_returnflag:t l_linestatus:t \
                  l_shipdate:D l_commitdate:D l_receiptdate:D l_shipinstruct:t l_shipmode:t \
                  l_comment:t",
    },
];

/// How the types are spelled: keys, amounts, text, dates.
pub type Types = [&'static str; 4];

pub const SNOWFLAKE: Types = ["NUMBER(38,0)", "NUMBER(12,2)", "VARCHAR", "DATE"];
pub const DUCKDB: Types = ["BIGINT", "DECIMAL(12,2)", "VARCHAR", "DATE"];

impl Table {
    /// CREATE TABLE.
    pub fn definition(&self, types: Types) -> String {
        let columns: Vec<_> = self
            .columns()
            .map(|(name, kind)| format!("{name} {} NOT NULL", types[kind]))
            .collect();
        format!("CREATE TABLE {} ({})", self.name, columns.join(", "))
    }

    fn columns(&self) -> impl Iterator<Item = (&'static str, usize)> {
        self.columns.split_whitespace().map(|column| {
            let (name, kind) = column.split_once(':').unwrap();
            (name, "kdtD".find(kind).unwrap())
        })
    }

    /// Calls `each` with every row as the generator prints it: fields that end with `|`.
    fn rows(&self, scale: f64, each: &mut dyn FnMut(&dyn Display)) {
        macro_rules! rows {
            ($generator:ident) => {
                $generator::new(scale, 1, 1)
                    .iter()
                    .for_each(|row| each(&row))
            };
        }
        match self.name {
            "region" => rows!(RegionGenerator),
            "nation" => rows!(NationGenerator),
            "supplier" => rows!(SupplierGenerator),
            "part" => rows!(PartGenerator),
            "partsupp" => rows!(PartSuppGenerator),
            "customer" => rows!(CustomerGenerator),
            "orders" => rows!(OrderGenerator),
            "lineitem" => rows!(LineItemGenerator),
            other => panic!("no table {other}"),
        }
    }

    /// Creates and fills the table in DuckDB.
    pub fn load(&self, duckdb: &duckdb::Connection, scale: f64, folder: &Path) {
        let path = folder.join(format!("{}.tbl", self.name));
        let mut file = BufWriter::new(File::create(&path).unwrap());
        self.rows(scale, &mut |row| {
            let row = row.to_string();
            writeln!(file, "{}", row.trim_end_matches('|')).unwrap();
        });
        file.into_inner().unwrap();
        let copy = format!(
            "{}; COPY {} FROM '{}' (DELIMITER '|', HEADER false, QUOTE '')",
            self.definition(DUCKDB),
            self.name,
            path.display()
        );
        duckdb.execute_batch(&copy).unwrap();
        std::fs::remove_file(path).unwrap();
    }

    /// Calls `each` with INSERT statements that fill the table, so many rows in each.
    pub fn inserts(&self, scale: f64, rows_each: usize, each: &mut dyn FnMut(&str)) {
        let kinds: Vec<_> = self.columns().map(|(_, kind)| kind).collect();
        let head = format!("INSERT INTO {} VALUES ", self.name);
        let (mut statement, mut count) = (head.clone(), 0);
        self.rows(scale, &mut |row| {
            let row = row.to_string();
            statement.push_str(if count == 0 { "(" } else { ",(" });
            let fields = row.trim_end_matches('|').split('|');
            for (index, (field, kind)) in fields.zip(&kinds).enumerate() {
                let comma = if index == 0 { "" } else { "," };
                let written = match kind {
                    0 | 1 => write!(statement, "{comma}{field}"),
                    _ => write!(statement, "{comma}'{}'", field.replace('\'', "''")),
                };
                written.unwrap();
            }
            statement.push(')');
            count += 1;
            if count == rows_each {
                each(&statement);
                statement.clone_from(&head);
                count = 0;
            }
        });
        if count > 0 {
            each(&statement);
        }
    }
}

/// The queries with their numbers.
pub fn queries() -> Vec<(usize, &'static str)> {
    let queries = QUERIES.split("-- Q").skip(1);
    queries
        .map(|query| {
            let (number, text) = query.split_once('\n').unwrap();
            (number.parse().unwrap(), text.trim().trim_end_matches(';'))
        })
        .collect()
}
