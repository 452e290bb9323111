//! The one error type of the program, and the table of Snowflake's error codes.
//!
//! Every failure that a client can see is an [`Error`]: a code of the table below, a message in Snowflake's own wording,
//! and a position in the statement where Snowflake gives one. The constructors are generated from the table
//! (`Error::invalid_identifier("X")`), so that a code, its SQLSTATE and its wording stand in one place.
//!
//! This module must not know where an error came from: the engine's errors are interpreted in `engine`, the parser's in
//! `sql`, and how an error travels to a client is `server`'s business.

use std::fmt;
use std::sync::Arc;

/// A place in a statement: `line` counts from 1, `column` from 0, as Snowflake prints them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    pub line: u64,
    pub column: u64,
}

/// When an error arises; decides the words that Snowflake puts before the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// `SQL compilation error:`, with ` error line 1 at position 7` where the place is known.
    Compilation,
    /// As `Compilation`, without a place and on one line.
    CompilationInline,
    /// As `Compilation`, but the message itself names the place.
    Syntax,
    /// `SQL access control error:`
    AccessControl,
    /// Run-time errors of a statement: no prefix.
    Execution,
    /// Login and session errors: no prefix.
    Session,
}

/// Bytes of a message: a value that it quotes can be as long as a VARCHAR.
const LONGEST_MESSAGE: usize = 16 << 10;

/// A Snowflake error. `to_string()` is the text that a driver shows.
#[derive(Debug, Clone)]
pub struct Error {
    code: ErrorCode,
    message: String,
    position: Option<Position>,
    /// Whether the message is all of the text: no words of the phase before it.
    is_complete: bool,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! error_codes {
    ($( $(#[$doc:meta])* $variant:ident = $number:literal, $sqlstate:literal, $phase:ident,
        $constructor:ident($($argument:ident),*) => $text:literal; )*) => {
        /// A row of Snowflake's error table. One number can carry several SQLSTATEs, hence names.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ErrorCode { $( $(#[$doc])* $variant, )* }

        impl ErrorCode {
            /// Every code, in the order of the table.
            pub const ALL: &'static [ErrorCode] = &[ $( ErrorCode::$variant, )* ];

            /// Snowflake's number; drivers see it with six digits, zero-padded.
            pub fn number(self) -> u32 {
                match self { $( ErrorCode::$variant => $number, )* }
            }

            /// The five characters of SQLSTATE.
            pub fn sqlstate(self) -> &'static str {
                match self { $( ErrorCode::$variant => $sqlstate, )* }
            }

            pub fn phase(self) -> Phase {
                match self { $( ErrorCode::$variant => Phase::$phase, )* }
            }
        }

        impl Error {
            $( $(#[$doc])* pub fn $constructor($($argument: impl fmt::Display),*) -> Error {
                Error::new(ErrorCode::$variant, format!($text))
            } )*
        }
    };
}

// Sorted by number. Wording and SQLSTATE: Snowflake's documentation and the drivers' own tests (`wire-protocol.md` 12.2).
error_codes! {
    /// A feature of Snowflake that this server does not have (yet).
    UnsupportedFeature = 2, "0A000", Execution, unsupported(feature) => "Unsupported feature '{feature}'.";
    /// MULTI_STATEMENT_COUNT differs from the number of statements sent.
    StatementCount = 8, "0A000", Execution, statement_count(actual, desired) =>
        "Actual statement count {actual} did not match the desired statement count {desired}.";
    /// An error of our own or of the engine without a mapping; the log has its source under the incident's number.
    Internal = 603, "XX000", Execution, internal_incident(incident) =>
        "SQL execution internal error:\nProcessing aborted by error 300010:{incident}; incident {incident}.";
    /// At the start: the data directory cannot be used by this program.
    UnusableDataDirectory = 603, "XX000", Execution, unusable_data_directory(reason) =>
        "The data directory cannot be used: {reason}";
    /// The statement was cancelled by its client or by SYSTEM$CANCEL_QUERY.
    Canceled = 604, "57014", Execution, canceled() => "SQL execution canceled";
    /// A cancel for something that does not run.
    NotExecuting = 605, "02000", Execution, not_executing() =>
        "Identified SQL statement is not currently executing.";
    /// A result that was never there, or is no longer kept.
    ResultNotFound = 612, "02000", Execution, result_not_found(query_id) => "Result for query {query_id} not found";
    /// Waited longer than LOCK_TIMEOUT for a table that another transaction has locked.
    LockTimeout = 625, "57014", Execution, lock_timeout(query_id, table) =>
        "Statement '{query_id}' has locked table '{table}' in transaction and this lock has not yet been released.";
    /// Two transactions wait for each other; this one was ended.
    Deadlock = 626, "57014", Execution, deadlock(query_id) =>
        "Statement '{query_id}' was aborted because it waits in a deadlock.";
    /// A failed statement could not be undone alone, so its whole transaction was.
    TransactionLost = 627, "57014", Execution, transaction_lost() =>
        "The transaction was rolled back as a whole: a statement failed, and the transaction's earlier changes depend on tables that others have changed since.";
    /// STATEMENT_TIMEOUT_IN_SECONDS has passed.
    StatementTimeout = 630, "57014", Execution, statement_timeout(seconds) =>
        "Statement reached its statement or warehouse timeout of {seconds} second(s) and was canceled.";
    /// RESULT_SCAN of an id that no query of this user has.
    StatementNotFound = 709, "02000", Execution, statement_not_found(query_id) => "Statement {query_id} not found";
    /// A request without a statement in it.
    EmptyStatement = 900, "42601", Compilation, empty_statement() => "Empty SQL statement.";
    /// A column named by EXCLUDE, RENAME, REPLACE or a column list that is not there.
    ColumnDoesNotExist = 904, "42000", Compilation, column_does_not_exist(name) =>
        "column '{name}' does not exist";
    /// A value of SET that is longer than variables are.
    VariableTooLong = 904, "22000", Compilation, variable_too_long(name, size, limit) =>
        "Assignment to '{name}' not done because value exceeds size limit for variables. Its size is {size}; the limit is {limit} (internal storage size in bytes).";
    /// A column, alias or qualified name that resolves to nothing.
    InvalidIdentifier = 904, "42000", Compilation, invalid_identifier(name) => "invalid identifier '{name}'";
    /// A function call with too few arguments.
    NotEnoughArguments = 938, "22023", Compilation, not_enough_arguments(call, expected, got) =>
        "not enough arguments for function [{call}], expected {expected}, got {got}";
    /// A named parameter of a table function that the call leaves out. The number is assumed.
    MissingArgument = 938, "22023", Compilation, missing_argument(parameter, function) =>
        "missing required argument [{parameter}] for function [{function}]";
    /// A function call with too many arguments.
    TooManyArguments = 939, "22023", Compilation, too_many_arguments(call, expected, got) =>
        "too many arguments for function [{call}] expected {expected}, got {got}";
    /// A named argument that the table function does not have. The number is assumed.
    UnexpectedArgument = 939, "22023", Compilation, unexpected_argument(function, argument, position) =>
        "invalid argument for function [{function}] unexpected argument [{argument}] at position {position},";
    /// A selected expression that is neither grouped nor aggregated.
    NotAGroupByExpression = 979, "42601", Compilation, not_a_group_by_expression(expression) =>
        "[{expression}] is not a valid group by expression";
    /// A selected column that GROUP BY does not name.
    NeitherAggregateNorGrouped = 979, "42601", Compilation, neither_aggregate_nor_grouped(column) =>
        "'{column}' in select clause is neither an aggregate nor in the group by clause.";
    /// ORDER BY the number of a column that is not there.
    InvalidOrderBy = 1002, "42601", Compilation, invalid_order_by(expression) =>
        "[{expression}] is not a valid order by expression";
    /// A result type that would need more digits than there are.
    InvalidIntermediateType = 1002, "42601", Compilation, invalid_intermediate_type(ty) =>
        "Invalid intermediate datatype: {ty}.";
    /// Text that does not parse; the position is part of the message.
    SyntaxError = 1003, "42000", Syntax, syntax_error_text(text) => "{text}";
    /// A session parameter or option that does not exist.
    InvalidParameter = 1006, "22023", Compilation, invalid_parameter(name) => "invalid parameter '{name}'";
    /// A cast that Snowflake does not have.
    InvalidCast = 1007, "22023", Compilation, invalid_cast(expression, parameter) =>
        "invalid type [{expression}] for parameter '{parameter}'";
    /// FLATTEN's MODE. The number is assumed.
    BadFlatteningMode = 1008, "22023", Compilation, bad_flattening_mode(mode) =>
        "Bad flattening mode '{mode}' (not 'BOTH', 'ARRAY', or 'OBJECT')";
    /// A literal or option out of its range.
    InvalidParameterValue = 1008, "22023", Compilation, invalid_parameter_value(value, parameter) =>
        "invalid value [{value}] for parameter '{parameter}'";
    /// A constant argument outside of its range. The number is an assumption.
    ArgumentOutOfRange = 1008, "22023", Compilation, argument_out_of_range(value, function, place) =>
        "Invalid value [{value}] for function '{function}' at position {place}";
    /// A type that percentiles cannot lie between.
    UnorderedType = 1010, "42846", Compilation, unordered_type(ty, number) =>
        "incompatible types: [{ty}] and [{number}]";
    /// The path of a file in a stage that is absolute, climbs, or is no name. The number and the wording are assumed.
    InvalidStagePath = 1011, "22023", Compilation, invalid_stage_path(path) => "invalid path in a stage: '{path}'";
    /// URL of a stage that no cloud has. The numbers of these are assumed, the wordings a live account's.
    InvalidUrlPrefix = 1011, "42601", Compilation, invalid_url_prefix(url) => "invalid URL prefix found in: '{url}'";
    /// URL of a stage that is none.
    InvalidUrl = 1011, "42601", Compilation, invalid_url(url) => "invalid URL: {url}";
    /// Credentials of a stage without a URL.
    StageWithoutLocation = 1011, "42601", Compilation, stage_without_location(stage) =>
        "invalid stage ({stage}): location not specified";
    /// An option of an external stage for an internal one.
    InternalStageOption = 1011, "42601", Compilation, internal_stage_option() =>
        "Cannot set URL, credentials, or encryption key of an internal or temporary stage.";
    /// PUT and REMOVE of what is no stage. The number and the wording are assumed.
    NotAStage = 1011, "42601", Compilation, not_a_stage(location) => "invalid stage location '{location}'";
    /// A format that is no text. The number is an assumption.
    FormatNotAString = 1013, "22023", Compilation, format_not_a_string(function) =>
        "Format argument for function '{function}' needs to be a string";
    /// A scale or the like that has to be an integer. The number is an assumption.
    ArgumentNotInteger = 1014, "22023", Compilation, argument_not_integer(place, function, found) =>
        "argument {place} to function {function} needs to be an integer, found: '{found}'";
    /// A copy option that is given twice, or against another one. The number is assumed.
    ConflictingCopyOption = 1014, "22023", CompilationInline, conflicting_copy_option(option) =>
        "conflicting values for copy option '{option}'";
    /// MATCH_BY_COLUMN_NAME over text without a header. The number is assumed.
    MatchByNameWithoutHeader = 1014, "22023", CompilationInline, match_by_name_without_header() =>
        "match_by_column_name option is not supported for file format CSV without PARSE_HEADER = TRUE";
    /// MATCH_BY_COLUMN_NAME beside a query. The number is assumed.
    MatchByNameOfQuery = 1014, "22023", CompilationInline, match_by_name_of_query() =>
        "match_by_column_name is not supported with copy transform";
    /// VALIDATION_MODE beside a query. The number is assumed.
    ValidationOfQuery = 1014, "22023", Compilation, validation_of_query() =>
        "VALIDATION_MODE does not support COPY with transform.";
    /// A function that COPY does not have. The number is assumed.
    NotWithinCopy = 1014, "22023", Compilation, not_within_copy(function) =>
        "Function '{function}' not supported within a COPY";
    /// Documents for a table of several columns. The number is assumed.
    OneVariantColumn = 1014, "22023", Compilation, one_variant_column(file_type) =>
        "{file_type} file format can produce one and only one column of variant, object, or array type. Load data into separate columns using the MATCH_BY_COLUMN_NAME copy option or copy with transformation.";
    /// JSON of anything but one VARIANT, OBJECT or ARRAY. The number and the wording are assumed.
    UnloadNeedsOneVariant = 1014, "22023", Compilation, unload_needs_one_variant() =>
        "JSON file format only supports unloading one column of variant, object, or array type.";
    /// Unloading over files that are there. The number is assumed.
    UnloadDestinationTaken = 1014, "22000", Execution, unload_destination_taken(location) =>
        "Files already existing at the unload destination: {location}. Use overwrite option to force unloading.";
    /// An option that another type of file has. The numbers of these are assumed, the wordings a live account's.
    InvalidFormatOption = 1014, "22023", Compilation, invalid_format_option(option, file_type) =>
        "Option {option} is not valid for file format type {file_type}.";
    /// TYPE in ALTER FILE FORMAT.
    FormatTypeFixed = 1014, "22023", Compilation, format_type_fixed() => "File format type cannot be changed.";
    /// An option of a file format that is there twice.
    ConflictingFormatValues = 1014, "22023", CompilationInline, conflicting_format_values(parameter) =>
        "conflicting values file format parameter '{parameter}'";
    /// An argument that varies by row where a constant is wanted.
    NeedsConstant = 1015, "22023", Compilation, needs_constant(position, function, found) =>
        "argument {position} to function {function} needs to be constant, found '{found}'";
    /// No signature of the function accepts these types.
    InvalidArgumentTypes = 1044, "42P13", Compilation, invalid_argument_types(function, types) =>
        "Invalid argument types for function '{function}': ({types})";
    /// TRY_CAST of something that is no text.
    TryCastTypes = 1065, "22023", Compilation, try_cast_types(from, to) =>
        "Function TRY_CAST cannot be used with arguments of types {from} and {to}";
    /// Types that no common type unites.
    IncompatibleTypes = 1065, "22023", Compilation, incompatible_types(left, right) =>
        "incompatible types: [{left}] and [{right}]";
    /// OR REPLACE and IF NOT EXISTS in one CREATE.
    ConflictingCreateOptions = 1420, "42601", Compilation, conflicting_create_options() =>
        "options IF NOT EXISTS and OR REPLACE are incompatible.";
    /// An option that a kind of object does not have.
    InvalidProperty = 1420, "22023", Compilation, invalid_property(name, kind) =>
        "invalid property '{name}' for '{kind}'";
    /// A definition that lacks what it cannot be without.
    MissingOption = 1420, "22023", Compilation, missing_option(name) => "missing required option '{name}'";
    /// A value that a property does not take. The number is assumed.
    InvalidPropertyValue = 1421, "22023", Compilation, invalid_property_value(value, name) =>
        "invalid value '{value}' for property '{name}'";
    /// UNSET of a property that there must be. The number is assumed.
    CannotUnset = 1422, "22023", CompilationInline, cannot_unset(name, object) =>
        "cannot unset property '{name}' for '{object}'";
    /// ADD COLUMN of a name that is taken.
    ColumnAlreadyExists = 1430, "42601", Compilation, column_already_exists(name) =>
        "column '{name}' already exists";
    /// DROP COLUMN of the only one.
    LastColumn = 1434, "42601", Compilation, last_column(table) =>
        "Cannot drop the only column of table '{table}'.";
    /// UNION, EXCEPT, INTERSECT with different numbers of columns.
    SetOperatorColumns = 1789, "42601", Compilation, set_operator_columns(expected, got, branch) =>
        "invalid number of result columns for set operator input branches, expected {expected}, got {got} in branch {branch}";
    /// CREATE of a name that is taken.
    ObjectAlreadyExists = 2002, "42710", Compilation, object_already_exists(name) =>
        "Object '{name}' already exists.";
    /// CREATE of a name that an object of another kind has.
    ExistsAsOtherKind = 2002, "42710", Compilation, exists_as_other_kind(name, kind) =>
        "Object '{name}' already exists as {kind}";
    /// A table, view or other schema object that is not there.
    ObjectDoesNotExist = 2003, "42S02", Compilation, object_does_not_exist(kind, name) =>
        "{kind} '{name}' does not exist or not authorized.";
    /// A database, schema, role or warehouse that is not there.
    ScopeDoesNotExist = 2003, "02000", Compilation, scope_does_not_exist(kind, name) =>
        "{kind} '{name}' does not exist or not authorized.";
    /// UNDROP of what is not there.
    NothingToUndrop = 2003, "02000", Compilation, nothing_to_undrop(kind, name) =>
        "{kind} '{name}' did not exist or was purged.";
    /// A property that is set twice. The number is assumed.
    DuplicateProperty = 2014, "42601", Compilation, duplicate_property(name) => "duplicate property '{name}';";
    /// An expression that VALUES does not take.
    InvalidValuesExpression = 2014, "22000", Compilation, invalid_values_expression(expression) =>
        "Invalid expression [{expression}] in VALUES clause";
    /// A function that exists for other types.
    ArgumentTypeNotSupported = 2016, "22000", Compilation, argument_type_not_supported(function, ty) =>
        "Function {function} does not support {ty} argument type";
    /// A condition that is no boolean. The number is assumed.
    NoPredicate = 2017, "22000", Compilation, no_predicate(ty, expression) =>
        "Invalid data type [{ty}] for predicate [{expression}]";
    /// INSERT with a number of values that differs from the number of columns.
    InsertValueCount = 2020, "21S01", Compilation, insert_value_count(expected, got) =>
        "Insert value list does not match column list expecting {expected} but got {got}";
    /// A value whose type cannot be stored in the column.
    ExpressionTypeMismatch = 2023, "22000", Compilation, expression_type_mismatch(expected, got, column) =>
        "Expression type does not match column data type, expecting {expected} but got {got} for column {column}";
    /// A column named twice in one table.
    DuplicateColumn = 2025, "42S21", Compilation, duplicate_column(name) => "duplicate column name '{name}'";
    /// MERGE: a clause behind one of its kind without a condition.
    UnreachableMergeClause = 2026, "42601", Compilation, unreachable_merge_clause() =>
        "Unreachable case in MERGE: a clause without a condition must be the last one of its kind.";
    /// A column list of CTAS with another number of columns than its query.
    CreateColumnCount = 2026, "42601", Compilation, create_column_count() =>
        "Invalid column definition list";
    /// A name that several tables of the FROM clause have.
    AmbiguousColumn = 2028, "42601", Compilation, ambiguous_column(name) => "ambiguous column name '{name}'";
    /// A default of ADD COLUMN that is no literal.
    InvalidColumnDefault = 2030, "42601", Compilation, invalid_column_default(expression) =>
        "Invalid column default expression [{expression}]";
    /// A subquery with several columns where one value is wanted.
    ScalarSubqueryColumns = 2031, "42601", Compilation, scalar_subquery_columns() =>
        "Unsupported: Scalar subquery with multi-column SELECT clause.";
    /// An aggregate where rows are not grouped yet.
    InvalidAggregate = 2035, "42601", Compilation, invalid_aggregate(clause, expression) =>
        "Invalid aggregate function in {clause} [{expression}]";
    /// OVER, DISTINCT or WITHIN GROUP on a function that is no aggregate.
    NotAnAggregate = 2036, "42601", Compilation, not_an_aggregate(function) =>
        "Invalid function type [{function}] for window function.";
    /// A statement over a view whose query no longer compiles.
    ViewExpansion = 2037, "42601", Compilation, view_expansion(view, reason) =>
        "Failure during expansion of view '{view}': {reason}";
    /// An aggregate of an aggregate. The number is assumed.
    NestedAggregate = 2038, "42601", Compilation, nested_aggregate(inner, outer) =>
        "Aggregate functions cannot be nested: [{inner}] nested in [{outer}]";
    /// A type name that Snowflake refuses.
    UnsupportedDataType = 2040, "42601", Compilation, unsupported_data_type(name) =>
        "Unsupported data type '{name}'.";
    /// USE, DROP and SHOW IN of an object that is not there.
    ObjectOrOperation = 2043, "02000", Compilation, object_or_operation() =>
        "Object does not exist, or operation cannot be performed.";
    /// A bind variable that the request has no value for.
    BindVariableNotSet = 2049, "42601", Compilation, bind_variable_not_set(written) =>
        "Bind variable {written} not set.";
    /// CREATE TABLE without columns.
    MissingColumns = 2049, "42601", Compilation, missing_columns() => "Missing column specification";
    /// A view whose query gives another number of columns than when it was created.
    ViewColumns = 2057, "42601", Compilation, view_columns(view, declared, got) =>
        "View definition for '{view}' declared {declared} column(s), but view query produces {got} column(s).";
    /// The text of a bind variable is no value of its bind type. The wording is assumed.
    InvalidBindValue = 2086, "22018", Compilation, invalid_bind_value(type_name, text) =>
        "Invalid bind value: '{text}' is not a value of the bind type {type_name}.";
    /// INSERT, UPDATE, DELETE, MERGE or TRUNCATE of a dynamic table. The number and the wording are assumed.
    DynamicTableWritten = 2089, "42601", Compilation, dynamic_table_written(table) =>
        "DML operations are not allowed on dynamic table '{table}'.";
    /// A second primary key in CREATE TABLE.
    SeveralPrimaryKeys = 2090, "42601", Compilation, several_primary_keys() =>
        "multiple primary keys are not allowed";
    /// Array binds with different numbers of rows. The wording is assumed.
    UnevenBindArrays = 2099, "42601", Compilation, uneven_bind_arrays() =>
        "Bind variables of an array bind have different numbers of values.";
    /// A function that Snowflake does not have.
    UnknownFunction = 2140, "42601", Compilation, unknown_function(name) => "Unknown function {name}.";
    /// A table function that Snowflake does not have.
    UnknownTableFunction = 2141, "42601", Compilation, unknown_table_function(name) =>
        "Unknown table function {name}";
    /// DISTINCT where the function does not take it. The number is an assumption.
    InvalidDistinct = 2143, "42601", Compilation, invalid_distinct(call) =>
        "invalid use of 'distinct' for function '{call}'";
    /// Something else where a date part is wanted. The number is an assumption.
    DatePartNotAWord = 2150, "22023", CompilationInline, date_part_not_a_word(text, function) =>
        "Date/time component [{text} ]for function {function} needs to be an identifier or a string literal.";
    /// A word that is no date part of the function.
    InvalidDatePart = 2151, "22023", CompilationInline, invalid_date_part(word, function) =>
        "['{word}'] is not a valid date/time component for function {function}.";
    /// A date part that values of the type do not have.
    InvalidDatePartOfType = 2151, "22023", CompilationInline, invalid_date_part_of_type(word, function, ty) =>
        "[{word}] is not a valid date/time component for function {function} and type {ty}.";
    /// A second primary key by ALTER TABLE.
    PrimaryKeyExists = 2202, "42601", Compilation, primary_key_exists(table) =>
        "primary key already exists for table '{table}'";
    /// DROP, ALTER or CREATE OR REPLACE of a name that an object of another kind has.
    OtherObjectKind = 2203, "02000", Compilation, other_object_kind(found, wanted) =>
        "Object found is of type '{found}', not specified type '{wanted}'.";
    /// ADD COLUMN … NOT NULL without a default, where there are rows.
    NotNullColumnAdded = 2204, "42601", Compilation, not_null_column_added(column, table) =>
        "Non-nullable column '{column}' cannot be added to non-empty table '{table}' unless it has a non-null default value.";
    /// `$name` of a variable that is not set.
    SessionVariableMissing = 2211, "02000", Compilation, session_variable_missing(name) =>
        "Session variable '${name}' does not exist";
    /// SET NOT NULL on a column that has NULLs.
    ColumnHasNulls = 2212, "42601", Compilation, column_has_nulls(column) =>
        "column '{column}' contains null values. Not null constraint cannot be added.";
    /// A default for a BINARY column.
    BinaryDefault = 2261, "42601", Compilation, binary_default() =>
        "Default values are not allowed on 'BINARY' columns.";
    /// A constant argument out of its range. The number is assumed.
    InvalidValueForFunction = 2262, "22023", Compilation, invalid_value_for_function(value, function, position, reason) =>
        "Invalid value [{value}] for function '{function}', parameter {position}: {reason}";
    /// A default that the column cannot hold.
    DefaultTypeMismatch = 2262, "22000", Compilation, default_type_mismatch(column, expected, got) =>
        "Default value data type does not match data type for column {column}: expecting {expected} but got {got}";
    /// An ordered aggregate without WITHIN GROUP.
    MissingWithinGroup = 2301, "42601", Compilation, missing_within_group(function) =>
        "Missing WITHIN GROUP clause for ordered set aggregate function {function}.";
    /// A window function whose window has no ORDER BY. The number is assumed.
    WindowNeedsOrder = 2301, "42601", Compilation, window_needs_order(function) =>
        "Window function type [{function}] requires ORDER BY in window specification.";
    /// A window function without OVER.
    MissingOver = 2302, "42601", Compilation, missing_over(function) =>
        "Missing window specification for window function [{function}].";
    /// A window function in WHERE, ON or GROUP BY.
    WindowOutsideSelect = 2303, "42601", Compilation, window_outside_select(call) =>
        "Window function [{call}] appears outside of SELECT, QUALIFY, and ORDER BY clauses.";
    /// A percentile that is no fraction.
    InvalidPercentile = 2304, "22023", Compilation, invalid_percentile(value) =>
        "Invalid value [{value}] for function 'PERCENTILE', parameter 1: Percentile must be between 0 and 1 inclusive.";
    /// QUALIFY without a window function. The number is assumed.
    QualifyWithoutWindow = 2305, "42601", Compilation, qualify_without_window() =>
        "found QUALIFY clause but no window function.";
    /// What the role may not do.
    InsufficientPrivileges = 3001, "42501", AccessControl, insufficient_privileges(kind, name) =>
        "Insufficient privileges to operate on {kind} '{name}'.";
    /// EXPLAIN of something that reads INFORMATION_SCHEMA. The number is assumed.
    ExplainPrivilege = 3001, "42501", AccessControl, explain_privilege(name) =>
        "EXPLAIN command has insufficient privilege on object {name}";
    /// A privilege that objects of this kind do not have.
    PrivilegeOfOtherKind = 3008, "42601", Compilation, privilege_of_other_kind(kind, privilege) =>
        "Invalid object type '{kind}' for privilege '{privilege}'.";
    /// A role that would inherit itself. The number and the wording are assumed.
    RoleCycle = 3014, "42601", Compilation, role_cycle(role, grantee) =>
        "Role '{role}' cannot be granted to role '{grantee}': the grant would create a cycle.";
    /// Another owner for an object that others have privileges on. The number is assumed.
    DependentGrant = 3036, "42601", Execution, dependent_grant(privilege, object, role) =>
        "SQL execution error: Dependent grant of privilege '{privilege}' on securable '{object}' to role '{role}' exists. It must be revoked first. More than one dependent grant may exist: use 'SHOW GRANTS' command to view them. To revoke all dependent grants while transferring object ownership, use convenience command 'GRANT OWNERSHIP ON <target_objects> TO <target_role> REVOKE CURRENT GRANTS'.";
    /// A masking policy that gives another type than it takes. The number is assumed.
    MaskingTypesDiffer = 3551, "42601", CompilationInline, masking_types_differ() =>
        "Masking policy function argument and return type mismatch.";
    /// A masking policy on a column of another type. The number is assumed.
    MaskingTypeMismatch = 3551, "42601", CompilationInline, masking_type_mismatch(column, policy) =>
        "COLUMN data type {column} does not match with masking policy data type {policy}.";
    /// DROP or replacement of a policy that something carries. The number is assumed.
    PolicyInUse = 3552, "42601", CompilationInline, policy_in_use(name) =>
        "Policy {name} cannot be dropped/replaced as it is associated with one or more entities.";
    /// A second policy where there is room for one. The number and the beginning of the text are assumed.
    PolicyAlreadyAttached = 3553, "42601", CompilationInline, policy_already_attached(kind) =>
        "Specified column already attached to another {kind}.";
    /// A tag's value that the tag does not allow. The number is assumed.
    TagValueNotAllowed = 3581, "22023", CompilationInline, tag_value_not_allowed(value, tag) =>
        "Tag value '{value}' is not allowed for tag '{tag}'.";
    /// A property that only persons have. The number is assumed.
    PropertyOfPersons = 3591, "22023", Execution, property_of_persons(name, kind) =>
        "SQL execution error: Cannot set {name} on users with TYPE={kind}.";
    /// SET DATA TYPE to a type that the values may not fit.
    CannotChangeType = 40052, "22000", Compilation, cannot_change_type(column, from, to) =>
        "cannot change column {column} from type {from} to {to}";
    /// SET DATA TYPE to a shorter text.
    CannotShorten = 40052, "22000", Compilation, cannot_shorten(column, from, to) =>
        "cannot change column {column} from type {from} to {to} because reducing the byte-length of a varchar is not supported.";
    /// An unqualified name in a session without a database.
    NoCurrentDatabase = 90105, "22000", Execution, no_current_database(action) =>
        "Cannot perform {action}. This session does not have a current database. Call 'USE DATABASE', or use a qualified name.";
    /// An unqualified name in a session without a schema.
    NoCurrentSchema = 90106, "22000", Execution, no_current_schema(action) =>
        "Cannot perform {action}. This session does not have a current schema. Call 'USE SCHEMA', or use a qualified name.";
    /// A later record of a file that has more fields than the table has columns.
    UnexpectedFieldDelimiter = 100016, "22000", Execution, unexpected_field_delimiter(field, record) =>
        "Field delimiter '{field}' found while expecting record delimiter '{record}'";
    /// Text that is no timestamp.
    TimestampNotRecognized = 100035, "22007", Execution, timestamp_not_recognized(value) =>
        "Timestamp '{value}' is not recognized";
    /// Text that is no boolean.
    BooleanNotRecognized = 100037, "22018", Execution, boolean_not_recognized(value) =>
        "Boolean value '{value}' is not recognized";
    /// Text that is no number.
    NumberNotRecognized = 100038, "22018", Execution, number_not_recognized(value) =>
        "Numeric value '{value}' is not recognized";
    /// A number with more digits than its type holds.
    NumberOutOfRange = 100039, "22003", Execution, number_out_of_range(value) =>
        "Numeric value '{value}' is out of range";
    /// Text that is no date.
    DateNotRecognized = 100040, "22007", Execution, date_not_recognized(value) => "Date '{value}' is not recognized";
    /// The result of an operation does not fit 38 digits.
    NumberNotRepresentable = 100046, "22003", Execution, number_not_representable(type_name, value) =>
        "Number out of representable range: type {type_name}, value {value}";
    /// A pattern that is no regular expression.
    InvalidRegularExpression = 100048, "2201B", Execution, invalid_regular_expression(pattern, reason) =>
        "Invalid regular expression: '{pattern}', {reason}";
    /// Parameters of a regular expression function that it does not have. The number is assumed.
    InvalidRegexParameters = 100049, "22023", Execution, invalid_regex_parameters(parameters) =>
        "Invalid regexp parameters: '{parameters}'";
    /// Division or modulo by zero.
    DivisionByZero = 100051, "22012", Execution, division_by_zero() => "Division by zero";
    /// A character behind an enclosed field of a file. The number is assumed.
    NotAFieldDelimiter = 100065, "22000", Execution, not_a_field_delimiter(character, delimiter) =>
        "Found character '{character}' instead of field delimiter '{delimiter}'";
    /// The same in a record's last field. The number is assumed.
    NotARecordDelimiter = 100066, "22000", Execution, not_a_record_delimiter(character, delimiter) =>
        "Found character '{character}' instead of record delimiter '{delimiter}'";
    /// An enclosed field of a file that has no end. The number and the wording are assumed.
    UnclosedField = 100067, "22000", Execution, unclosed_field() =>
        "End of file reached while expecting the end of an enclosed field";
    /// A later record of a file that has fewer fields than the table has columns.
    EndOfRecord = 100068, "22000", Execution, end_of_record(column) =>
        "End of record reached while expected to parse column '{column}'";
    /// Text that is no JSON.
    InvalidJson = 100069, "22P02", Execution, invalid_json(fault) => "Error parsing JSON: {fault}";
    /// A VARIANT that does not hold what it is cast to.
    VariantCast = 100071, "22000", Execution, variant_cast(value, type_name) =>
        "Failed to cast variant value {value} to {type_name}";
    /// NULL for a column that is NOT NULL.
    NullInNonNullableColumn = 100072, "22000", Execution, null_in_non_nullable_column() =>
        "NULL result in a non-nullable column";
    /// Text that is no path into a VARIANT.
    InvalidVariantPath = 100073, "22000", Execution, invalid_variant_path(path, function) =>
        "Bad compound object's field path name '{path}' in {function}";
    /// A file that is not what its compression says. The wording is assumed.
    CorruptedFile = 100076, "22000", Execution, corrupted_file() =>
        "Data is corrupted, not a valid compressed file";
    /// A function of FLOAT outside its domain. The number is assumed.
    InvalidFloatOperation = 100077, "22003", Execution, invalid_float_operation(operation) =>
        "Invalid floating point operation: {operation}";
    /// Text longer than its VARCHAR(n).
    StringTooLong = 100078, "22000", Execution, string_too_long(value) =>
        "String '{value}' is too long and would be truncated";
    /// A file whose first record has another number of fields than the table has columns.
    FileColumnCount = 100080, "22000", Execution, file_column_count(found, expected) =>
        "Number of columns in file ({found}) does not match that of the corresponding table ({expected}), use file format option error_on_column_count_mismatch=false to ignore this error";
    /// A record of a file that no reader holds. The number and the wording are assumed.
    RecordTooLong = 100082, "54000", Execution, record_too_long() =>
        "The data for the record is too large to be read";
    /// A row that MERGE or UPDATE would change by several rows of the source.
    DuplicateRow = 100090, "42P18", Execution, duplicate_row(values) =>
        "Duplicate row detected during DML action\nRow Values: {values}";
    /// A subquery that gives several rows where one value is wanted.
    SingleRowSubquery = 100090, "22000", Execution, single_row_subquery() =>
        "Single-row subquery returns more than one row.";
    /// A name that no time zone has.
    UnknownTimezone = 100094, "22000", Execution, unknown_timezone(name) => "Unknown timezone: '{name}'";
    /// A numeric format model that is none. The number is an assumption.
    BadFormatModel = 100095, "22007", Execution, bad_format_model(direction, model, target, reason) =>
        "Bad {direction} format model '{model}' for {target}: {reason}";
    /// Text that does not fit the format it is read with.
    CannotParse = 100096, "22007", Execution, cannot_parse(value, kind, format) =>
        "Can't parse '{value}' as {kind} with format '{format}'";
    /// A state of APPROX_PERCENTILE that is none. The number is assumed.
    NotADigest = 100097, "22023", Execution, not_a_digest() =>
        "First argument of the function must be an object which maps the key 'state' to an array";
    /// Text that is no XML. The number is assumed.
    InvalidXml = 100100, "22P02", Execution, invalid_xml(fault) => "Error parsing XML: {fault}";
    /// A key that an OBJECT has already.
    DuplicateFieldKey = 100103, "22000", Execution, duplicate_field_key(key) => "Duplicate field key '{key}'";
    /// An element that is no ARRAY.
    NotAnArray = 100107, "22000", Execution, not_an_array(what) => "Not an array: '{what}'";
    /// Text that is no time of day.
    TimeNotRecognized = 100108, "22007", Execution, time_not_recognized(value) => "Time '{value}' is not recognized";
    /// FILES names a file that the stage does not have.
    RemoteFileNotFound = 100112, "22000", Execution, remote_file_not_found(location) =>
        "Remote file '{location}' was not found. If you are running a copy command, please make sure files are not deleted when they are being loaded or files are not being loaded into two different tables concurrently with auto purge option.";
    /// Text that is not hexadecimal.
    HexNotRecognized = 100115, "22000", Execution, hex_not_recognized(value) =>
        "The following string is not a legal hex-encoded value: '{value}'";
    /// Text that is no URL. The number is assumed.
    UrlNotRecognized = 100139, "22000", Execution, url_not_recognized(fault, url) =>
        "Error parsing URL: {fault}, '{url}'";
    /// Text that does not fit the numeric format model it is read with. The number is an assumption.
    CannotParseNumber = 100140, "22018", Execution, cannot_parse_number(value, format) =>
        "Can't parse '{value}' as number with format '{format}'";
    /// Text that is no IP address. The number is assumed.
    IpNotRecognized = 100140, "22000", Execution, ip_not_recognized(address, fault) =>
        "Error parsing IP address '{address}': {fault}";
    /// Bytes of a file that are no text. The number is assumed.
    InvalidUtf8InFile = 100144, "22000", Execution, invalid_utf8_in_file(text) =>
        "Invalid UTF8 detected in string '{text}'";
    /// Bytes longer than their BINARY(n). The number and the wording are an assumption.
    BinaryTooLong = 100145, "22000", Execution, binary_too_long(hexadecimal) =>
        "Binary value '{hexadecimal}' is too long and would be truncated";
    /// A code point that no character has. The number is assumed.
    InvalidCharacterCode = 100287, "22023", Execution, invalid_character_code(code) =>
        "Invalid character code {code} in the CHR input";
    /// CONNECT BY over rows that lead back to themselves; Snowflake has no such error, it goes on. The number is ours.
    EndlessHierarchy = 100300, "54001", Execution, endless_hierarchy(levels) =>
        "CONNECT BY has gone through {levels} levels: its rows seem to lead to a cycle";
    /// An argument whose value the function refuses. The number is assumed.
    InvalidFunctionArgument = 100321, "22023", Execution, invalid_function_argument(value, reason) =>
        "Invalid parameter value: {value}. Reason: {reason}";
    /// Text that is not base 64. The number is assumed.
    Base64NotRecognized = 100344, "22000", Execution, base64_not_recognized(value) =>
        "The following string is not a legal base64-encoded value: '{value}'";
    /// What cannot be encrypted or decrypted. The number is assumed.
    EncryptionFault = 100351, "22023", Execution, encryption_fault(fault) => "{fault}";
    /// Bytes that are no text. The number is assumed.
    InvalidUtf8 = 100352, "22000", Execution, invalid_utf8(value) =>
        "Invalid UTF8 detected while decoding '{value}'";
    /// ARRAYS_TO_OBJECT of arrays of different lengths.
    UnequalArrays = 215001, "22000", Execution, unequal_arrays() =>
        "Key array and value array had unequal lengths in ARRAYS_TO_OBJECT";
    /// ARRAYS_TO_OBJECT with a key that is no string.
    KeyNotText = 215002, "22000", Execution, key_not_text() =>
        "Key supplied for ARRAYS_TO_OBJECT does not have string type";
    /// Login refused.
    IncorrectLogin = 390100, "08001", Session, incorrect_login() => "Incorrect username or password was specified.";
    /// A token that is not one of ours.
    InvalidToken = 390104, "08001", Session, invalid_token() => "Session token is not valid.";
    /// The session was closed or never existed.
    SessionGone = 390111, "08001", Session, session_gone() =>
        "Session no longer exists.  New login required to access the service.";
    /// The session token has run out; the driver renews it with the master token.
    SessionTokenExpired = 390112, "08001", Session, session_token_expired() =>
        "Your session has expired. Please login again.";
    /// The login's master token has run out.
    MasterTokenExpired = 390114, "08001", Session, master_token_expired() =>
        "Authentication token has expired.  The user must authenticate again.";
    /// A master token that is not one of ours.
    MasterTokenInvalid = 390115, "08001", Session, master_token_invalid() => "Master token is invalid.";
    /// Strict login: a database, schema or warehouse of the connect string that is not there.
    LoginObjectMissing = 390201, "08001", Session, login_object_missing(kind) =>
        "The requested {kind} does not exist or not authorized.";
    /// A request that is not what the protocol asks for (broken JSON, a missing field).
    BadRequest = 390400, "08001", Session, bad_request(detail) => "Bad request: {detail}";
}

const NANOSECONDS: &str = "timestamp with more than 6 digits of fraction";

impl Error {
    fn new(code: ErrorCode, mut message: String) -> Self {
        if message.len() > LONGEST_MESSAGE {
            let end = (0..=LONGEST_MESSAGE)
                .rev()
                .find(|end| message.is_char_boundary(*end));
            message.truncate(end.unwrap_or(0));
            message.push_str("...");
        }
        Error {
            code,
            message,
            position: None,
            is_complete: false,
            source: None,
        }
    }

    /// An error whose text was made elsewhere, for `engine`, which receives the texts of our native functions back from
    /// DuckDB.
    pub fn with_text(code: ErrorCode, message: impl Into<String>) -> Self {
        Error::new(code, message.into())
    }

    /// The error of a value as a write says it; the table is named as the statement writes it.
    pub fn in_write(self, table: &str, column: &str) -> Self {
        let message = format!(
            "DML operation to table {table} failed on column {column} with error: {}",
            self.message
        );
        Error { message, ..self }
    }

    /// `syntax error line 1 at position 14 unexpected 'fro'.`
    pub fn syntax(position: Position, unexpected: impl fmt::Display) -> Self {
        let Position { line, column } = position;
        let text =
            format!("syntax error line {line} at position {column} unexpected '{unexpected}'.");
        Error::syntax_error_text(text).at(position)
    }

    /// A timestamp has digits 7 to 9, and the statement was written for microseconds. It runs again, in the second form of
    /// timestamps; a client sees this only if that could not be.
    pub fn needs_nanoseconds() -> Self {
        Error::unsupported(NANOSECONDS)
    }

    /// Whether this is [`needs_nanoseconds`](Error::needs_nanoseconds), also after a way through the engine.
    pub fn is_about_nanoseconds(&self) -> bool {
        self.code == ErrorCode::UnsupportedFeature && self.message.contains(NANOSECONDS)
    }

    /// Something that should not happen. The client sees an incident number; the log has the number and the source.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let source = source.into();
        let incident = uuid::Uuid::new_v4().as_u128() as u32;
        tracing::error!(incident, %source, "internal error");
        let mut error = Error::internal_incident(incident);
        error.source = Some(source.into());
        error
    }

    /// An error of a statement in a block of Snowflake Scripting, which stands at `at`: it keeps its code.
    pub fn uncaught(error: Error, at: Position) -> Self {
        let Position { line, column } = at;
        let message = format!(
            "Uncaught exception of type 'STATEMENT_ERROR' on line {line} at position {column} : {error}"
        );
        Error {
            is_complete: true,
            position: None,
            message,
            ..error
        }
    }

    /// Where in the statement the error is; the first place named wins.
    pub fn at(mut self, position: Position) -> Self {
        self.position.get_or_insert(position);
        self
    }

    /// Whether Snowflake puts a place into the text of this error, where it is known.
    pub fn names_a_place(&self) -> bool {
        use ErrorCode as Code;
        let whole_statement = [
            Code::ObjectDoesNotExist,
            Code::ScopeDoesNotExist,
            Code::UnknownFunction,
            Code::UnknownTableFunction,
            Code::InvalidDistinct,
            Code::BadFlatteningMode,
            Code::InvalidValuesExpression,
            Code::InvalidAggregate,
            Code::WindowOutsideSelect,
            Code::NoPredicate,
            Code::NotAGroupByExpression,
            Code::InvalidOrderBy,
            Code::InsertValueCount,
            Code::ExpressionTypeMismatch,
            Code::SetOperatorColumns,
            Code::IncompatibleTypes,
            Code::UnorderedType,
            Code::InvalidCast,
            Code::InvalidParameterValue,
            Code::ArgumentNotInteger,
            Code::ArgumentOutOfRange,
            Code::FormatNotAString,
            Code::ArgumentTypeNotSupported,
            Code::TryCastTypes,
            Code::NeedsConstant,
            Code::InvalidValueForFunction,
            Code::InvalidIntermediateType,
        ];
        self.code.phase() == Phase::Compilation && !whole_statement.contains(&self.code)
    }

    pub fn code(&self) -> ErrorCode {
        self.code
    }

    pub fn position(&self) -> Option<Position> {
        self.position
    }

    /// The text without Snowflake's prefix.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_complete {
            return f.write_str(&self.message);
        }
        match (self.code.phase(), self.position) {
            (Phase::Compilation, Some(Position { line, column })) => {
                write!(
                    f,
                    "SQL compilation error: error line {line} at position {column}\n{}",
                    self.message
                )
            }
            (Phase::CompilationInline, _) => write!(f, "SQL compilation error: {}", self.message),
            (Phase::Compilation, None) | (Phase::Syntax, _) => {
                write!(f, "SQL compilation error:\n{}", self.message)
            }
            (Phase::AccessControl, _) => write!(f, "SQL access control error:\n{}", self.message),
            (Phase::Execution | Phase::Session, _) => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_quotes_a_long_value_is_cut() {
        let error = Error::number_not_recognized("ä".repeat(1 << 20));
        assert!(error.message().len() < LONGEST_MESSAGE + 10);
        assert!(error.message().ends_with("ä..."));
    }

    #[test]
    fn texts_are_snowflakes() {
        let at = Position { line: 1, column: 7 };
        assert_eq!(
            Error::invalid_identifier("X").at(at).to_string(),
            "SQL compilation error: error line 1 at position 7\ninvalid identifier 'X'"
        );
        assert_eq!(
            Error::syntax(at, "fro").to_string(),
            "SQL compilation error:\nsyntax error line 1 at position 7 unexpected 'fro'."
        );
        assert_eq!(Error::division_by_zero().to_string(), "Division by zero");
        assert_eq!(Error::division_by_zero().code().sqlstate(), "22012");
    }
}
