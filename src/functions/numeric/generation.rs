//! Data generation functions.

use crate::engine::native::Native;

use super::super::Function;

pub(in super::super) static FUNCTIONS: &[Function] = &[];

pub(super) fn natives() -> Vec<Native> {
    vec![]
}
