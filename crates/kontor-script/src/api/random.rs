//! Random numbers, seeded by the host: a test gives the seed and gets the same numbers. Not for secrets.

use rhai::{Array, Dynamic, Module, NativeCallContext};

use super::builder::add;
use crate::run::Run;
use crate::types::{Answer, Fault};

/// The functions `random::…`.
pub(super) fn module() -> Module {
    let mut module = Module::new();
    let m = &mut module;
    m.set_doc("Random numbers; not for secrets.");
    add(
        m,
        "integer",
        &["from: int", "to: int", "int"],
        "A whole number, both ends included.",
        |context: NativeCallContext, from: i64, to: i64| -> Answer<i64> {
            let run = Run::of(&context)?;
            if from > to {
                return Err(Fault::error("the range is empty"));
            }
            let span = i128::from(to) - i128::from(from) + 1;
            let drawn = i128::from(run.next_random()) % span;
            Ok(i64::try_from(i128::from(from) + drawn).unwrap_or(to))
        },
    );
    add(
        m,
        "pick",
        &["list: Array", "?"],
        "One item of a list; `()` of an empty one.",
        |context: NativeCallContext, mut list: Array| -> Answer<Dynamic> {
            let Ok(length) = u64::try_from(list.len()) else { return Ok(Dynamic::UNIT) };
            if length == 0 {
                return Ok(Dynamic::UNIT);
            }
            let place = usize::try_from(Run::of(&context)?.next_random() % length).unwrap_or(0);
            Ok(list.swap_remove(place))
        },
    );
    module
}
