//! Registration of natives, and the C functions that DuckDB calls.
//!
//! No panic leaves a callback, and no Rust error: both become a text that `errors` reads back. An aggregate's state in
//! DuckDB's memory is one pointer, null until the first row, to a boxed Rust value: DuckDB moves states as bytes, and
//! aligns them to 8.
//!
//! SAFETY, for the whole file: DuckDB calls a callback with handles that live until it returns, and states that `init` made.
//! States of one call are not used by another thread meanwhile; a state may occur in several rows of a call.
#![allow(unsafe_code)]

use std::ffi::{CString, c_void};
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::{mem, ptr, slice};

use duckdb::ffi::*;

use super::{
    Aggregate, AggregateNative, Arguments, ListNative, Lists, Native, Nulls, Output, Parameter,
    ScalarNative,
};
use crate::engine::errors;
use crate::engine::ffi::{Complaint, Handle, Outcome};
use crate::engine::pool::panic_message;
use crate::error::{Error, Result};
use crate::types::{MAX_PRECISION, PhysicalType};

/// Registers natives for the whole instance.
pub(in crate::engine) fn register(connection: &Handle, natives: &[Native]) -> Outcome<()> {
    for native in natives {
        let registered = match native {
            Native::Scalar(scalar) => unsafe { register_scalar(connection.raw(), scalar) },
            Native::Aggregate(aggregate) => unsafe {
                register_aggregate(connection.raw(), aggregate)
            },
            Native::List(list) => unsafe { register_list(connection.raw(), list) },
        };
        registered.map_err(|why| Complaint::new(format!("native {}: {why}", native.name())))?;
    }
    Ok(())
}

type Registered = std::result::Result<(), &'static str>;

unsafe fn register_scalar(connection: duckdb_connection, native: &ScalarNative) -> Registered {
    let name = CString::new(native.name).map_err(|_| "zero byte in the name")?;
    unsafe {
        let mut function = duckdb_create_scalar_function();
        duckdb_scalar_function_set_name(function, name.as_ptr());
        for parameter in native.parameters {
            let logical = Logical::of_parameter(parameter);
            match parameter {
                Parameter::Rest(_) => duckdb_scalar_function_set_varargs(function, logical.0),
                _ => duckdb_scalar_function_add_parameter(function, logical.0),
            }
        }
        duckdb_scalar_function_set_return_type(function, Logical::of(native.returns).0);
        if native.nulls == Nulls::Passed {
            duckdb_scalar_function_set_special_handling(function);
        }
        if native.volatile {
            duckdb_scalar_function_set_volatile(function);
        }
        let extra = Box::into_raw(Box::new(*native));
        duckdb_scalar_function_set_extra_info(function, extra.cast(), Some(drop_native));
        duckdb_scalar_function_set_function(function, Some(run_scalar));
        let state = duckdb_register_scalar_function(connection, function);
        duckdb_destroy_scalar_function(&mut function);
        accepted(state)
    }
}

unsafe fn register_list(connection: duckdb_connection, native: &ListNative) -> Registered {
    let name = CString::new(native.name).map_err(|_| "zero byte in the name")?;
    unsafe {
        let mut function = duckdb_create_scalar_function();
        duckdb_scalar_function_set_name(function, name.as_ptr());
        for parameter in native.parameters {
            let logical = Logical::of_parameter(parameter);
            duckdb_scalar_function_add_parameter(function, logical.0);
        }
        let returns = Logical::list_of(native.columns);
        duckdb_scalar_function_set_return_type(function, returns.0);
        duckdb_scalar_function_set_special_handling(function);
        let extra = Box::into_raw(Box::new(*native));
        duckdb_scalar_function_set_extra_info(function, extra.cast(), Some(drop_list));
        duckdb_scalar_function_set_function(function, Some(run_list));
        let state = duckdb_register_scalar_function(connection, function);
        duckdb_destroy_scalar_function(&mut function);
        accepted(state)
    }
}

unsafe fn register_aggregate(
    connection: duckdb_connection,
    native: &AggregateNative,
) -> Registered {
    let name = CString::new(native.name).map_err(|_| "zero byte in the name")?;
    if native
        .parameters
        .iter()
        .any(|parameter| matches!(parameter, Parameter::Rest(_)))
    {
        return Err("an aggregate has no variable arguments");
    }
    let callbacks = native.callbacks;
    unsafe {
        let mut function = duckdb_create_aggregate_function();
        duckdb_aggregate_function_set_name(function, name.as_ptr());
        for parameter in native.parameters {
            let logical = Logical::of_parameter(parameter);
            duckdb_aggregate_function_add_parameter(function, logical.0);
        }
        duckdb_aggregate_function_set_return_type(function, Logical::of(native.returns).0);
        // Also without it DuckDB passes NULLs to an aggregate of several arguments; `update` skips them.
        duckdb_aggregate_function_set_special_handling(function);
        duckdb_aggregate_function_set_functions(
            function,
            Some(state_size),
            Some(init),
            Some(callbacks.update),
            Some(callbacks.combine),
            Some(callbacks.finish),
        );
        duckdb_aggregate_function_set_destructor(function, Some(callbacks.destroy));
        let state = duckdb_register_aggregate_function(connection, function);
        duckdb_destroy_aggregate_function(&mut function);
        accepted(state)
    }
}

fn accepted(state: duckdb_state) -> Registered {
    if state == DuckDBSuccess {
        Ok(())
    } else {
        Err("DuckDB refused it")
    }
}

struct Logical(duckdb_logical_type);

impl Logical {
    fn of_parameter(parameter: &Parameter) -> Self {
        match parameter {
            Parameter::Exact(physical) => Logical::of(*physical),
            Parameter::AnyNumber => Logical::primitive(DUCKDB_TYPE_DUCKDB_TYPE_ANY),
            Parameter::Rest(parameter) => Logical::of_parameter(parameter),
        }
    }

    fn of(physical: PhysicalType) -> Self {
        match physical {
            PhysicalType::BigInt => Logical::primitive(DUCKDB_TYPE_DUCKDB_TYPE_BIGINT),
            PhysicalType::Decimal { precision, scale } => {
                Logical(unsafe { duckdb_create_decimal_type(precision, scale) })
            }
            PhysicalType::Double => Logical::primitive(DUCKDB_TYPE_DUCKDB_TYPE_DOUBLE),
            PhysicalType::Varchar => Logical::primitive(DUCKDB_TYPE_DUCKDB_TYPE_VARCHAR),
            PhysicalType::Blob => Logical::primitive(DUCKDB_TYPE_DUCKDB_TYPE_BLOB),
            PhysicalType::Boolean => Logical::primitive(DUCKDB_TYPE_DUCKDB_TYPE_BOOLEAN),
            PhysicalType::Date => Logical::primitive(DUCKDB_TYPE_DUCKDB_TYPE_DATE),
            PhysicalType::Time => Logical::primitive(DUCKDB_TYPE_DUCKDB_TYPE_TIME_NS),
            PhysicalType::Timestamp => Logical::primitive(DUCKDB_TYPE_DUCKDB_TYPE_TIMESTAMP),
            PhysicalType::TimestampNanos => {
                Logical(unsafe { duckdb_create_decimal_type(MAX_PRECISION, 0) })
            }
            PhysicalType::TimestampTz | PhysicalType::TimestampTzNanos => {
                let utc = Logical::of(match physical {
                    PhysicalType::TimestampTz => PhysicalType::Timestamp,
                    _ => PhysicalType::TimestampNanos,
                });
                let offset = Logical::primitive(DUCKDB_TYPE_DUCKDB_TYPE_SMALLINT);
                let mut types = [utc.0, offset.0];
                let mut names = [c"utc".as_ptr(), c"offset".as_ptr()];
                Logical(unsafe {
                    duckdb_create_struct_type(types.as_mut_ptr(), names.as_mut_ptr(), 2)
                })
            }
        }
    }

    /// LIST of the one column's type, or of structs of several.
    fn list_of(columns: &[PhysicalType]) -> Self {
        let fields: Vec<_> = columns.iter().map(|column| Logical::of(*column)).collect();
        if let [single] = &fields[..] {
            return Logical(unsafe { duckdb_create_list_type(single.0) });
        }
        let names: Vec<_> = (0..fields.len())
            .map(|index| CString::new(format!("c{index}")).unwrap_or_default())
            .collect();
        let mut types: Vec<_> = fields.iter().map(|field| field.0).collect();
        let mut pointers: Vec<_> = names.iter().map(|name| name.as_ptr()).collect();
        let element = Logical(unsafe {
            duckdb_create_struct_type(
                types.as_mut_ptr(),
                pointers.as_mut_ptr(),
                types.len() as idx_t,
            )
        });
        Logical(unsafe { duckdb_create_list_type(element.0) })
    }

    fn primitive(id: duckdb_type) -> Self {
        Logical(unsafe { duckdb_create_logical_type(id) })
    }
}

impl Drop for Logical {
    fn drop(&mut self) {
        unsafe { duckdb_destroy_logical_type(&mut self.0) }
    }
}

/// Runs the body of a callback; what goes wrong in it is handed to `report`.
fn guard(body: impl FnOnce() -> Result<()>, report: impl FnOnce(CString)) {
    let outcome = catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| {
        Err(Error::internal(format!(
            "a native panicked: {}",
            panic_message(&*panic)
        )))
    });
    if let Err(error) = outcome {
        report(errors::encode(&error));
    }
}

unsafe extern "C" fn drop_native(extra: *mut c_void) {
    drop(unsafe { Box::from_raw(extra.cast::<ScalarNative>()) });
}

unsafe extern "C" fn run_scalar(
    info: duckdb_function_info,
    chunk: duckdb_data_chunk,
    result: duckdb_vector,
) {
    let body = || unsafe {
        let native = &*duckdb_scalar_function_get_extra_info(info).cast::<ScalarNative>();
        let arguments = Arguments::of(chunk, native.parameters, native.nulls)?;
        let mut output = Output::of(result, native.returns, 0..arguments.row_count());
        if let Some(live) = arguments.live_words() {
            output.set_live(live);
        }
        (native.run)(&arguments, &mut output)?;
        output.check()
    };
    guard(body, |text| unsafe {
        duckdb_scalar_function_set_error(info, text.as_ptr());
    });
}

unsafe extern "C" fn drop_list(extra: *mut c_void) {
    drop(unsafe { Box::from_raw(extra.cast::<ListNative>()) });
}

unsafe extern "C" fn run_list(
    info: duckdb_function_info,
    chunk: duckdb_data_chunk,
    result: duckdb_vector,
) {
    let body = || unsafe {
        let native = &*duckdb_scalar_function_get_extra_info(info).cast::<ListNative>();
        let arguments = Arguments::of(chunk, native.parameters, Nulls::Passed)?;
        let mut lists = Lists::of(result, native.columns, arguments.row_count());
        (native.run)(&arguments, &mut lists)?;
        lists.finish()
    };
    guard(body, |text| unsafe {
        duckdb_scalar_function_set_error(info, text.as_ptr());
    });
}

/// The C functions of one aggregate.
#[derive(Clone, Copy)]
pub(super) struct AggregateCallbacks {
    update:
        unsafe extern "C" fn(duckdb_function_info, duckdb_data_chunk, *mut duckdb_aggregate_state),
    combine: unsafe extern "C" fn(
        duckdb_function_info,
        *mut duckdb_aggregate_state,
        *mut duckdb_aggregate_state,
        idx_t,
    ),
    finish: unsafe extern "C" fn(
        duckdb_function_info,
        *mut duckdb_aggregate_state,
        duckdb_vector,
        idx_t,
        idx_t,
    ),
    destroy: unsafe extern "C" fn(*mut duckdb_aggregate_state, idx_t),
}

impl AggregateCallbacks {
    pub(super) const fn of<A: Aggregate>(_: PhantomData<A>) -> Self {
        AggregateCallbacks {
            update: update::<A>,
            combine: combine::<A>,
            finish: finish::<A>,
            destroy: destroy::<A>,
        }
    }
}

unsafe extern "C" fn state_size(_: duckdb_function_info) -> idx_t {
    mem::size_of::<*mut c_void>() as idx_t
}

unsafe extern "C" fn init(_: duckdb_function_info, state: duckdb_aggregate_state) {
    unsafe { state.cast::<*mut c_void>().write(ptr::null_mut()) }
}

/// The value behind a state, made on first use.
unsafe fn state_mut<'s, S: Default>(state: duckdb_aggregate_state) -> &'s mut S {
    unsafe {
        let slot = state.cast::<*mut S>();
        if (*slot).is_null() {
            *slot = Box::into_raw(Box::default());
        }
        &mut **slot
    }
}

unsafe fn state_ref<'s, S>(state: duckdb_aggregate_state) -> Option<&'s S> {
    unsafe { (*state.cast::<*const S>()).as_ref() }
}

unsafe fn states<'s>(
    states: *mut duckdb_aggregate_state,
    count: usize,
) -> &'s [duckdb_aggregate_state] {
    if count == 0 {
        return &[];
    }
    unsafe { slice::from_raw_parts(states, count) }
}

unsafe extern "C" fn update<A: Aggregate>(
    info: duckdb_function_info,
    chunk: duckdb_data_chunk,
    row_states: *mut duckdb_aggregate_state,
) {
    let body = || unsafe {
        let arguments = Arguments::of(chunk, A::PARAMETERS, A::NULLS)?;
        let row_states = states(row_states, arguments.row_count());
        arguments.each_row(|row| A::update(state_mut(row_states[row]), &arguments, row))
    };
    guard(body, |text| unsafe {
        duckdb_aggregate_function_set_error(info, text.as_ptr());
    });
}

unsafe extern "C" fn combine<A: Aggregate>(
    info: duckdb_function_info,
    sources: *mut duckdb_aggregate_state,
    targets: *mut duckdb_aggregate_state,
    count: idx_t,
) {
    let body = || unsafe {
        let sources = states(sources, count as usize);
        let targets = states(targets, count as usize);
        for (source, target) in sources.iter().zip(targets) {
            if let Some(source) = state_ref::<A::State>(*source) {
                A::combine(state_mut(*target), source)?;
            }
        }
        Ok(())
    };
    guard(body, |text| unsafe {
        duckdb_aggregate_function_set_error(info, text.as_ptr());
    });
}

unsafe extern "C" fn finish<A: Aggregate>(
    info: duckdb_function_info,
    groups: *mut duckdb_aggregate_state,
    result: duckdb_vector,
    count: idx_t,
    offset: idx_t,
) {
    let body = || unsafe {
        let (count, offset) = (count as usize, offset as usize);
        let mut output = Output::of(result, A::RETURNS, offset..offset + count);
        for (index, state) in states(groups, count).iter().enumerate() {
            match state_ref::<A::State>(*state) {
                Some(state) => A::finish(state, &mut output, offset + index)?,
                None => A::finish(&A::State::default(), &mut output, offset + index)?,
            }
        }
        output.check()
    };
    guard(body, |text| unsafe {
        duckdb_aggregate_function_set_error(info, text.as_ptr());
    });
}

unsafe extern "C" fn destroy<A: Aggregate>(groups: *mut duckdb_aggregate_state, count: idx_t) {
    let body = || unsafe {
        for &state in states(groups, count as usize) {
            let slot = state.cast::<*mut A::State>();
            let value = mem::replace(&mut *slot, ptr::null_mut());
            if !value.is_null() {
                drop(Box::from_raw(value));
            }
        }
        Ok(())
    };
    guard(body, |_| ());
}
