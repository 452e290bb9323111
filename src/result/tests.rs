//! Results as a whole: what the engine gives goes in, what each protocol reads comes out.

use std::sync::Arc;

use arrow::array::*;
use arrow::buffer::NullBuffer;
use arrow::datatypes::{DataType, Decimal128Type, Field, Fields, Schema, TimeUnit};

use super::writer::{FIRST_CHUNK_BYTES, LARGEST_CHUNK_BYTES};
use super::*;
use crate::types::PhysicalType;

const YEAR_1: i64 = -62_135_596_800_000_000;
const YEAR_9999: i64 = 253_402_300_799_999_999;

fn spool() -> (tempfile::TempDir, Spool) {
    let dir = tempfile::tempdir().unwrap();
    let spool = Spool::open(dir.path(), 1 << 30).unwrap();
    (dir, spool)
}

fn batch(arrays: &[ArrayRef]) -> RecordBatch {
    let fields = arrays.iter().enumerate();
    let fields =
        fields.map(|(i, array)| Field::new(i.to_string(), array.data_type().clone(), true));
    let schema = Schema::new(fields.collect::<Fields>());
    RecordBatch::try_new(Arc::new(schema), arrays.to_vec()).unwrap()
}

fn result_of(logical: LogicalType, physical: PhysicalType, array: ArrayRef) -> Result<ResultSet> {
    let (_dir, spool) = spool();
    let column = Column::new("C", logical);
    let mut writer = ResultWriter::new(vec![column], vec![physical], &spool)?;
    // As the engine does it: slices of larger arrays, one after the other.
    let whole = batch(&[array]);
    let middle = whole.num_rows() / 2;
    writer.push(&whole.slice(0, middle))?;
    writer.push(&whole.slice(middle, whole.num_rows() - middle))?;
    writer.finish()
}

fn json(result: &ResultSet, style: CellStyle) -> String {
    let mut out = Vec::new();
    for chunk in 0..result.chunks().len() {
        if chunk > 0 {
            out.push(b',');
        }
        result.write_json(chunk, style, &mut out).unwrap();
    }
    String::from_utf8(out).unwrap()
}

/// One column in; its Arrow type and its cells out. The same cells as text give the same result.
fn check(
    logical: LogicalType,
    physical: PhysicalType,
    array: impl Array + 'static,
    arrow: &DataType,
    cells: &[Option<&str>],
) -> ResultSet {
    let result = result_of(logical.clone(), physical, Arc::new(array)).unwrap();
    let schema = result.batches(0).unwrap()[0].schema();
    assert_eq!(schema.field(0).data_type(), arrow, "{logical}");
    let row = |cell: &Option<&str>| match cell {
        Some(cell) => format!("[{}]", serde_json::to_string(cell).unwrap()),
        None => "[null]".to_owned(),
    };
    let expected = cells.iter().map(row).collect::<Vec<_>>().join(",");
    assert_eq!(json(&result, CellStyle::Driver), expected, "{logical}");

    let rows = cells.iter().map(|cell| vec![cell.map(str::to_owned)]);
    let columns = result.columns().to_vec();
    let from_text = ResultSet::from_text_rows(columns, rows.collect()).unwrap();
    assert_eq!(json(&from_text, CellStyle::Driver), expected, "{logical}");
    result
}

fn number(precision: u8, scale: u8) -> LogicalType {
    LogicalType::Number { precision, scale }
}

fn decimals(precision: u8, scale: u8, values: Vec<Option<i128>>) -> Decimal128Array {
    let array = Decimal128Array::from(values);
    array
        .with_precision_and_scale(precision, scale as i8)
        .unwrap()
}

fn decimal(precision: u8, scale: u8) -> PhysicalType {
    PhysicalType::Decimal { precision, scale }
}

fn zoned(values: Vec<Option<(i64, i16)>>) -> StructArray {
    let nulls: NullBuffer = values.iter().map(Option::is_some).collect();
    let utc = values.iter().map(|v| v.map(|v| v.0));
    let utc: TimestampMicrosecondArray = utc.collect();
    let offset: Int16Array = values.iter().map(|v| v.map(|v| v.1)).collect();
    let fields = Fields::from(vec![
        Field::new(
            "utc",
            DataType::Timestamp(TimeUnit::Microsecond, None),
            true,
        ),
        Field::new("offset", DataType::Int16, true),
    ]);
    StructArray::new(fields, vec![Arc::new(utc), Arc::new(offset)], Some(nulls))
}

fn structure(children: &[(&str, DataType)]) -> DataType {
    let fields = children.iter();
    let fields = fields.map(|(name, data_type)| Field::new(*name, data_type.clone(), true));
    DataType::Struct(fields.collect())
}

#[test]
fn numbers() {
    check(
        LogicalType::INTEGER,
        PhysicalType::BigInt,
        Int64Array::from(vec![Some(1), None, Some(i64::MIN), Some(i64::MAX), Some(0)]),
        &DataType::Int64,
        &[
            Some("1"),
            None,
            Some("-9223372036854775808"),
            Some("9223372036854775807"),
            Some("0"),
        ],
    );
    check(
        number(12, 2),
        decimal(12, 2),
        decimals(
            12,
            2,
            vec![
                Some(-1250),
                None,
                Some(5),
                Some(-5),
                Some(0),
                Some(999_999_999_999),
            ],
        ),
        &DataType::Int64,
        &[
            Some("-12.50"),
            None,
            Some("0.05"),
            Some("-0.05"),
            Some("0.00"),
            Some("9999999999.99"),
        ],
    );
    // A wide type with narrow values travels as integers.
    check(
        number(38, 0),
        decimal(38, 0),
        decimals(38, 0, vec![Some(i64::MAX.into()), Some(i64::MIN.into())]),
        &DataType::Int64,
        &[Some("9223372036854775807"), Some("-9223372036854775808")],
    );
    let largest = 10i128.pow(38) - 1;
    let nines = "9".repeat(38);
    check(
        number(38, 0),
        decimal(38, 0),
        decimals(
            38,
            0,
            vec![
                Some(7),
                None,
                Some(largest),
                Some(-largest),
                Some(10i128.pow(19)),
            ],
        ),
        &DataType::Decimal128(38, 0),
        &[
            Some("7"),
            None,
            Some(&nines),
            Some(&format!("-{nines}")),
            Some("10000000000000000000"),
        ],
    );
    check(
        number(38, 37),
        decimal(38, 37),
        decimals(38, 37, vec![Some(1), Some(-largest), Some(10i128.pow(37))]),
        &DataType::Decimal128(38, 37),
        &[
            Some(&format!("0.{}1", "0".repeat(36))),
            Some(&format!("-9.{}", "9".repeat(37))),
            Some(&format!("1.{}", "0".repeat(37))),
        ],
    );
}

#[test]
fn numbers_beyond_38_digits_are_refused() {
    let array = decimals(38, 0, vec![Some(1), Some(10i128.pow(38))]);
    let error = result_of(LogicalType::INTEGER, decimal(38, 0), Arc::new(array)).unwrap_err();
    assert_eq!(
        error.code(),
        crate::error::ErrorCode::NumberNotRepresentable
    );
    let value = format!("1{}", "0".repeat(38));
    assert!(error.message().ends_with(&value), "{error}");
}

#[test]
fn what_stands_in_the_place_of_a_null_does_not_matter() {
    let nulls = NullBuffer::from(vec![true, false, true]);
    let values = vec![1, i128::MAX, 3].into();
    let array = Decimal128Array::new(values, Some(nulls)).with_precision_and_scale(38, 0);
    let array = Arc::new(array.unwrap());
    let result = result_of(LogicalType::INTEGER, decimal(38, 0), array).unwrap();
    assert_eq!(json(&result, CellStyle::Driver), r#"["1"],[null],["3"]"#);
}

#[test]
fn floats() {
    check(
        LogicalType::Float,
        PhysicalType::Double,
        Float64Array::from(vec![
            Some(1.5),
            None,
            Some(1e300),
            Some(f64::NAN),
            Some(f64::INFINITY),
            Some(f64::NEG_INFINITY),
            Some(-0.1),
            Some(100.0),
            Some(1e15),
            Some(123_456_789_012_345.6),
            Some(1e-7),
            Some(-2.5e-10),
            Some(0.0001),
            Some(0.0),
            Some(5e-324),
            Some(f64::MAX),
        ]),
        &DataType::Float64,
        &[
            Some("1.5"),
            None,
            Some("1e+300"),
            Some("NaN"),
            Some("inf"),
            Some("-inf"),
            Some("-0.1"),
            Some("100"),
            Some("1e+15"),
            Some("123456789012345.6"),
            Some("1e-07"),
            Some("-2.5e-10"),
            Some("0.0001"),
            Some("0"),
            Some("5e-324"),
            Some("1.7976931348623157e+308"),
        ],
    );
}

#[test]
fn texts_and_bytes() {
    let text = "quote \" backslash \\ newline \n bell \u{7} snow ☃ 😀";
    for logical in [
        LogicalType::TEXT,
        LogicalType::Variant,
        LogicalType::Object,
        LogicalType::Array,
    ] {
        check(
            logical,
            PhysicalType::Varchar,
            StringArray::from(vec![
                Some("a"),
                None,
                Some(""),
                Some(text),
                Some("{\n  \"a\": 1\n}"),
            ]),
            &DataType::Utf8,
            &[
                Some("a"),
                None,
                Some(""),
                Some(text),
                Some("{\n  \"a\": 1\n}"),
            ],
        );
    }
    check(
        LogicalType::Binary { length: 8 },
        PhysicalType::Blob,
        BinaryArray::from(vec![Some(&[0xde, 0xad, 0x0f][..]), None, Some(&[])]),
        &DataType::Binary,
        &[Some("DEAD0F"), None, Some("")],
    );
}

#[test]
fn booleans_and_dates() {
    let result = check(
        LogicalType::Boolean,
        PhysicalType::Boolean,
        BooleanArray::from(vec![Some(true), None, Some(false)]),
        &DataType::Boolean,
        &[Some("1"), None, Some("0")],
    );
    for (nulls_as_text, cells) in [
        (false, r#"["true"],[null],["false"]"#),
        (true, r#"["true"],["null"],["false"]"#),
    ] {
        assert_eq!(json(&result, CellStyle::SqlApi { nulls_as_text }), cells);
    }
    check(
        LogicalType::Date,
        PhysicalType::Date,
        Date32Array::from(vec![Some(18262), None, Some(-719_162), Some(2_932_896)]),
        &DataType::Date32,
        &[Some("18262"), None, Some("-719162"), Some("2932896")],
    );
}

#[test]
fn times() {
    let nanos = vec![
        Some(3_661_123_456_789),
        None,
        Some(0),
        Some(86_399_999_999_999),
    ];
    for (scale, arrow, cells) in [
        (0, DataType::Int32, ["3661", "0", "86399"]),
        (1, DataType::Int32, ["3661.1", "0.0", "86399.9"]),
        (4, DataType::Int32, ["3661.1234", "0.0000", "86399.9999"]),
        (5, DataType::Int64, ["3661.12345", "0.00000", "86399.99999"]),
        (
            9,
            DataType::Int64,
            ["3661.123456789", "0.000000000", "86399.999999999"],
        ),
    ] {
        let [first, second, third] = cells.map(Some);
        check(
            LogicalType::Time { scale },
            PhysicalType::Time,
            Time64NanosecondArray::from(nanos.clone()),
            &arrow,
            &[first, None, second, third],
        );
    }
}

/// Microseconds, and what they are with nine digits.
const INSTANTS: [(i64, &str); 8] = [
    (1_577_934_245_123_456, "1577934245.123456000"),
    (0, "0.000000000"),
    (-1, "-0.000001000"),
    (-500_000, "-0.500000000"),
    (-1_000_000, "-1.000000000"),
    (-1_500_000, "-1.500000000"),
    (YEAR_1, "-62135596800.000000000"),
    (YEAR_9999, "253402300799.999999000"),
];

/// An instant with the digits of a scale: those beyond are cut towards the past.
fn instant(micros: i64, scale: u8) -> String {
    let micros = match scale {
        0..6 => {
            let unit = 10i64.pow(6 - u32::from(scale));
            micros.div_euclid(unit) * unit
        }
        _ => micros,
    };
    let magnitude = micros.unsigned_abs();
    let sign = if micros < 0 { "-" } else { "" };
    let text = format!(
        "{sign}{}.{:06}000",
        magnitude / 1_000_000,
        magnitude % 1_000_000
    );
    match scale {
        0 => text[..text.len() - 10].to_owned(),
        _ => text[..text.len() - 9 + usize::from(scale)].to_owned(),
    }
}

#[test]
fn timestamps() {
    for (micros, text) in INSTANTS {
        assert_eq!(instant(micros, 9), text);
    }
    let split = structure(&[("epoch", DataType::Int64), ("fraction", DataType::Int32)]);
    for kind in [TimestampKind::Ntz, TimestampKind::Ltz] {
        for scale in 0..=9 {
            let micros = INSTANTS
                .map(|(micros, _)| Some(micros))
                .into_iter()
                .chain([None]);
            let cells = INSTANTS.map(|(micros, _)| instant(micros, scale));
            let cells = cells.iter().map(|cell| Some(&cell[..])).chain([None]);
            check(
                LogicalType::Timestamp { kind, scale },
                PhysicalType::Timestamp,
                TimestampMicrosecondArray::from_iter(micros),
                if scale <= 6 { &DataType::Int64 } else { &split },
                &cells.collect::<Vec<_>>(),
            );
        }
    }
}

#[test]
fn timestamps_with_offsets() {
    let two = structure(&[("epoch", DataType::Int64), ("timezone", DataType::Int32)]);
    let three = structure(&[
        ("epoch", DataType::Int64),
        ("fraction", DataType::Int32),
        ("timezone", DataType::Int32),
    ]);
    let offsets = [0, 60, -480, 330, 840, -720, -1, 0];
    for scale in 0..=9 {
        let values = INSTANTS.iter().zip(offsets);
        let values = values.map(|((micros, _), offset)| Some((*micros, offset)));
        let cells = INSTANTS.iter().zip(offsets);
        let cells = cells.map(|((micros, _), offset)| {
            format!("{} {}", instant(*micros, scale), i32::from(offset) + 1440)
        });
        let cells = cells.collect::<Vec<_>>();
        let cells = cells.iter().map(|cell| Some(&cell[..])).chain([None]);
        let result = check(
            LogicalType::Timestamp {
                kind: TimestampKind::Tz,
                scale,
            },
            PhysicalType::TimestampTz,
            zoned(values.chain([None]).collect()),
            if scale <= 3 { &two } else { &three },
            &cells.collect::<Vec<_>>(),
        );
        let schema = result.batches(0).unwrap()[0].schema();
        let byte_length = &schema.field(0).metadata()["byteLength"];
        assert_eq!(byte_length, if scale <= 3 { "8" } else { "16" });
    }
}

#[test]
fn fields_say_what_drivers_look_for() {
    let metadata = |logical: LogicalType| {
        let result = ResultSet::describe(vec![Column::new("C", logical)]).unwrap();
        let batches = result.batches(0).unwrap();
        assert_eq!((batches.len(), batches[0].num_rows()), (1, 0));
        let mut entries: Vec<String> = batches[0]
            .schema()
            .field(0)
            .metadata()
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        entries.sort();
        entries.join(" ")
    };
    assert_eq!(
        metadata(number(12, 2)),
        "finalType=T logicalType=FIXED precision=12 scale=2"
    );
    assert_eq!(metadata(LogicalType::Float), "finalType=T logicalType=REAL");
    assert_eq!(
        metadata(LogicalType::Varchar { length: 3 }),
        "byteLength=12 charLength=3 finalType=T logicalType=TEXT"
    );
    assert_eq!(
        metadata(LogicalType::TEXT),
        "byteLength=16777216 charLength=16777216 finalType=T logicalType=TEXT"
    );
    assert_eq!(
        metadata(LogicalType::Timestamp {
            kind: TimestampKind::Ltz,
            scale: 9
        }),
        "finalType=T logicalType=TIMESTAMP_LTZ precision=0 scale=9"
    );
}

#[test]
fn small_results() {
    let status = ResultSet::status("Statement executed successfully.").unwrap();
    assert_eq!(
        json(&status, CellStyle::Driver),
        r#"["Statement executed successfully."]"#
    );
    assert_eq!(status.columns()[0].logical, LogicalType::TEXT);

    let counts = [
        ("number of rows updated", 2),
        ("number of multi-joined rows updated", 0),
    ];
    let counts = ResultSet::counts(&counts).unwrap();
    assert_eq!(json(&counts, CellStyle::Driver), r#"["2","0"]"#);
    assert_eq!(
        counts.columns()[1].name,
        "number of multi-joined rows updated"
    );
    let wire = counts.columns()[0].wire_type();
    assert_eq!((wire.precision, wire.scale), (Some(19), Some(0)));
    assert_eq!(counts.row_count(), 1);

    let nothing = ResultSet::describe(status.columns().to_vec()).unwrap();
    assert_eq!((nothing.row_count(), nothing.chunks().len()), (0, 1));
    assert_eq!(json(&nothing, CellStyle::Driver), "");

    let words = |cell: &str| {
        let columns = vec![Column::new("B", LogicalType::Boolean)];
        ResultSet::from_text_rows(columns, vec![vec![Some(cell.to_owned())]])
    };
    assert_eq!(json(&words("true").unwrap(), CellStyle::Driver), r#"["1"]"#);
    assert!(words("maybe").is_err());
}

#[test]
fn mismatches_are_internal_errors() {
    let column = vec![Column::new("C", LogicalType::Date)];
    let (_dir, spool) = spool();
    assert!(ResultWriter::new(column.clone(), vec![], &spool).is_err());
    assert!(ResultWriter::new(column.clone(), vec![PhysicalType::Double], &spool).is_err());
    let scale = vec![Column::new("C", number(12, 2))];
    assert!(ResultWriter::new(scale, vec![decimal(12, 3)], &spool).is_err());

    let mut writer = ResultWriter::new(column, vec![PhysicalType::Date], &spool).unwrap();
    let wrong: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    assert!(writer.push(&batch(std::slice::from_ref(&wrong))).is_err());
    assert!(writer.push(&batch(&[wrong.clone(), wrong])).is_err());
    assert!(ResultSet::status("x").unwrap().arrow(1).is_err());
}

fn sample_columns() -> (Vec<Column>, Vec<PhysicalType>) {
    let ntz = LogicalType::Timestamp {
        kind: TimestampKind::Ntz,
        scale: 9,
    };
    [
        ("I", LogicalType::INTEGER, PhysicalType::BigInt),
        ("D", number(12, 2), decimal(12, 2)),
        ("S", LogicalType::TEXT, PhysicalType::Varchar),
        ("DAY", LogicalType::Date, PhysicalType::Date),
        ("TS", ntz, PhysicalType::Timestamp),
        ("F", LogicalType::Float, PhysicalType::Double),
    ]
    .map(|(name, logical, physical)| (Column::new(name, logical), physical))
    .into_iter()
    .unzip()
}

/// Rows of [`sample_columns`] as the engine gives them, 2,048 a batch.
fn sample_batches(row_count: i64) -> Vec<RecordBatch> {
    let ranges = (0..row_count)
        .step_by(2048)
        .map(|begin| begin..row_count.min(begin + 2048));
    ranges
        .map(|rows| {
            batch(&[
                Arc::new(Int64Array::from_iter_values(rows.clone())),
                Arc::new(decimals(
                    12,
                    2,
                    rows.clone()
                        .map(|i| (i % 7 != 0).then_some(i as i128 * 3))
                        .collect(),
                )),
                Arc::new(StringArray::from_iter_values(
                    rows.clone().map(|i| format!("row {i:06}")),
                )),
                Arc::new(Date32Array::from_iter_values(
                    rows.clone().map(|i| (i % 40_000) as i32),
                )),
                Arc::new(TimestampMicrosecondArray::from_iter_values(
                    rows.clone().map(|i| i * 8_640_012_345 - 1_000_000_000_000),
                )),
                Arc::new(Float64Array::from_iter_values(rows.map(|i| i as f64 / 7.0))),
            ])
        })
        .collect()
}

#[test]
fn only_the_first_chunk_of_a_large_result_is_in_memory() {
    let (dir, spool) = spool();
    let (columns, physical) = sample_columns();
    let mut writer = ResultWriter::new(columns, physical, &spool).unwrap();
    let row_count = 1_000_000;
    for batch in sample_batches(row_count) {
        writer.push(&batch).unwrap();
    }
    assert_eq!(writer.row_count(), row_count as u64);
    let result = writer.finish().unwrap();

    assert_eq!(result.row_count(), row_count as u64);
    let chunks = result.chunks();
    let rows: u64 = chunks.iter().map(Chunk::row_count).sum();
    assert_eq!(rows, row_count as u64);
    let bytes: Vec<_> = chunks.iter().map(Chunk::arrow_bytes).collect();
    let within = |bytes: u64, limit: usize| bytes <= (limit + limit / 8) as u64;
    assert!(within(bytes[0], FIRST_CHUNK_BYTES), "{bytes:?}");
    assert!(
        bytes
            .iter()
            .all(|bytes| within(*bytes, LARGEST_CHUNK_BYTES)),
        "{bytes:?}"
    );
    assert!((4..10).contains(&bytes.len()), "{bytes:?}");
    assert_eq!(result.memory_bytes(), bytes[0]);
    assert_eq!(result.spooled_bytes(), bytes[1..].iter().sum::<u64>());
    assert_eq!(spool.used_bytes(), result.spooled_bytes());

    let mut id = 0;
    for (index, chunk) in chunks.iter().enumerate() {
        let batches = result.batches(index).unwrap();
        let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
        assert_eq!(rows as u64, chunk.row_count());
        for batch in batches {
            for value in batch
                .column(0)
                .as_primitive::<arrow::datatypes::Int64Type>()
                .values()
            {
                assert_eq!(*value, id);
                id += 1;
            }
        }
        let mut text = vec![b'['];
        result
            .write_json(index, CellStyle::Driver, &mut text)
            .unwrap();
        assert_eq!(
            result.json_bytes(index, CellStyle::Driver).unwrap(),
            text.len() as u64 - 1
        );
        text.push(b']');
        let rows: Vec<Vec<Option<String>>> = serde_json::from_slice(&text).unwrap();
        assert_eq!(rows.len() as u64, chunk.row_count());
        assert_eq!(
            rows[0][0],
            Some((id as u64 - chunk.row_count()).to_string())
        );
    }
    let copy = result.clone();
    drop(result);
    assert!(copy.arrow(1).is_ok());
    drop(copy);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_column_that_widens_late_is_wide_in_every_chunk() {
    let (_dir, spool) = spool();
    let columns = vec![
        Column::new("A", LogicalType::INTEGER),
        Column::new("B", number(38, 2)),
    ];
    let physical = vec![decimal(38, 0), decimal(38, 2)];
    let mut writer = ResultWriter::new(columns, physical, &spool).unwrap();
    let narrow: Vec<_> = (0..500_000).map(|i| (i % 5 != 0).then_some(i)).collect();
    let wide = vec![Some(10i128.pow(30)), None, Some(-1)];
    for (a, b) in [
        (&narrow, &narrow),
        (&wide, &narrow[..3].to_vec()),
        (&narrow, &narrow),
    ] {
        let arrays: [ArrayRef; 2] = [
            Arc::new(decimals(38, 0, a.clone())),
            Arc::new(decimals(38, 2, b.clone())),
        ];
        writer.push(&batch(&arrays)).unwrap();
    }
    let result = writer.finish().unwrap();
    assert_eq!(result.row_count(), 1_000_003);
    assert!(result.chunks().len() > 2);
    assert_eq!(spool.used_bytes(), result.spooled_bytes());
    let mut sum = 0;
    for chunk in 0..result.chunks().len() {
        let batches = result.batches(chunk).unwrap();
        let batch = &batches[0];
        assert_eq!(
            batch.schema().field(0).data_type(),
            &DataType::Decimal128(38, 0)
        );
        assert_eq!(batch.schema().field(1).data_type(), &DataType::Int64);
        sum += arrow::array::Array::len(batch.column(0));
        assert_eq!(
            batch.column(0).as_primitive::<Decimal128Type>().len(),
            batch.num_rows()
        );
    }
    assert_eq!(sum, 1_000_003);
    let text = json(&result, CellStyle::Driver);
    assert!(text.starts_with(r#"[null,null],["1","0.01"],["2","0.02"]"#));
    assert!(
        text.contains(r#"["1000000000000000000000000000000",null],[null,"0.01"],["-1","0.02"]"#)
    );
}

#[test]
fn long_texts_make_small_chunks() {
    let (_dir, spool) = spool();
    let column = Column::new("S", LogicalType::TEXT);
    let mut writer = ResultWriter::new(vec![column], vec![PhysicalType::Varchar], &spool).unwrap();
    let long = "x".repeat(100_000);
    let rows: ArrayRef = Arc::new(StringArray::from_iter_values((0..1000).map(|_| &long)));
    writer.push(&batch(&[rows])).unwrap();
    let result = writer.finish().unwrap();
    let largest = result
        .chunks()
        .iter()
        .map(Chunk::arrow_bytes)
        .max()
        .unwrap();
    assert!(largest <= LARGEST_CHUNK_BYTES as u64 + 4096, "{largest}");
    assert!(result.memory_bytes() <= FIRST_CHUNK_BYTES as u64 + 4096);
    assert_eq!(result.row_count(), 1000);
}

#[test]
fn the_spool_limit_ends_a_result() {
    let dir = tempfile::tempdir().unwrap();
    let spool = Spool::open(dir.path(), 1 << 20).unwrap();
    let (columns, physical) = sample_columns();
    let mut writer = ResultWriter::new(columns, physical, &spool).unwrap();
    let error = sample_batches(500_000)
        .iter()
        .find_map(|batch| writer.push(batch).err());
    assert!(error.unwrap().message().contains("limit of 1048576 bytes"));
    drop(writer);
    assert_eq!(spool.used_bytes(), 0);
}

/// `cargo test --release --lib result -- --ignored --nocapture`
#[test]
#[ignore = "a measurement"]
#[allow(clippy::print_stdout)]
fn time_of_a_million_rows() {
    let (_dir, spool) = spool();
    let batches = sample_batches(1_000_000);
    for _ in 0..3 {
        let (columns, physical) = sample_columns();
        let begin = std::time::Instant::now();
        let mut writer = ResultWriter::new(columns, physical, &spool).unwrap();
        for batch in &batches {
            writer.push(batch).unwrap();
        }
        let result = writer.finish().unwrap();
        let written = begin.elapsed();
        let begin = std::time::Instant::now();
        let mut bytes = 0;
        for chunk in 0..result.chunks().len() {
            bytes += result.json_bytes(chunk, CellStyle::Driver).unwrap();
        }
        let arrow = result.memory_bytes() + result.spooled_bytes();
        println!(
            "1M rows × 6 columns: Arrow {} MB in {written:?}, JSON {} MB in {:?}",
            arrow >> 20,
            bytes >> 20,
            begin.elapsed()
        );
    }
}
