//! Enough stack for scripts: the engine evaluates and parses by recursion, and a stack that is used up takes the whole
//! process with it.

/// What the deepest script and the deepest value that the limits allow take of the stack, in bytes, with room to spare
/// (see the tests of the deepest).
const NEEDED: usize = if cfg!(debug_assertions) { 128 << 20 } else { 24 << 20 };

/// Runs `work` with enough stack. A thread that has less left gets more for the time of the call; a runtime whose
/// threads have 32 MiB spares it that.
pub(crate) fn with_stack<T>(work: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(NEEDED, 2 * NEEDED, work)
}
