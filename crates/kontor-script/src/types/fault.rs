//! An error that a function of ours raises. A type of its own, so that it is told apart from what a script throws.

use kontor_model::Problems;
use rhai::{Dynamic, EvalAltResult, Position};

/// What went wrong inside a function; scripts may catch it and read its `message`.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    /// In English, naming the thing.
    pub(crate) message: String,
    /// What a save inside the script found wrong; empty for everything else.
    pub(crate) problems: Problems,
}

impl Fault {
    /// An error with only a message, ready to be returned; Rhai adds the position of the call.
    pub(crate) fn error(message: impl Into<String>) -> Box<EvalAltResult> {
        Self { message: message.into(), problems: Problems::new() }.into_error()
    }

    pub(crate) fn into_error(self) -> Box<EvalAltResult> {
        Box::new(EvalAltResult::ErrorRuntime(Dynamic::from(self), Position::NONE))
    }
}
