//! What a script says: problems at fields, warnings, log lines. Here too: `ctx`, and what scripts must not call.

use std::sync::Arc;

use kontor_model::Problem;
use rhai::{Array, Dynamic, FuncRegistration, Module, NativeCallContext};

use super::builder::{add, optional};
use crate::convert::text_of;
use crate::run::Run;
use crate::types::{Answer, Date, Fault, Handle, Moment};

/// The code of every problem that a script reports with its own words.
pub(crate) const CODE: &str = "script";

/// On whose behalf the script runs, as scripts have it.
#[derive(Clone)]
pub(crate) struct Context(pub(crate) Arc<Run>);

pub(super) fn register(m: &mut Module) {
    add(
        m,
        "fail",
        &["field: String", "message: String", "()"],
        "Refuses the save with a message at a field. The script goes on, so that all problems are found at once.",
        |context: NativeCallContext, field: &str, message: &str| {
            report(&context, Some(field), message, false)
        },
    );
    add(
        m,
        "fail",
        &["message: String", "()"],
        "Refuses the save with a message for the whole record.",
        |context: NativeCallContext, message: &str| report(&context, None, message, false),
    );
    add(
        m,
        "warn",
        &["field: String", "message: String", "()"],
        "Shows a message at a field; the save goes on.",
        |context: NativeCallContext, field: &str, message: &str| report(&context, Some(field), message, true),
    );
    add(
        m,
        "warn",
        &["message: String", "()"],
        "Shows a message for the whole record; the save goes on.",
        |context: NativeCallContext, message: &str| report(&context, None, message, true),
    );
    add(
        m,
        "log",
        &["value: ?", "()"],
        "Writes a line into the log of the run.",
        |context: NativeCallContext, value: Dynamic| -> Answer<()> {
            Run::of(&context)?.write_log(&text_of(&value));
            Ok(())
        },
    );
    // Rhai's own `sleep` would hold a thread of the server, and it is in its core package.
    let refuse = "Not available: a script cannot wait. Use a workflow.";
    add(m, "sleep", &["seconds: int", "()"], refuse, |_: i64| -> Answer<()> { Err(cannot_wait()) });
    add(m, "sleep", &["seconds: float", "()"], refuse, |_: f64| -> Answer<()> { Err(cannot_wait()) });
    register_context(m);
}

fn cannot_wait() -> Box<rhai::EvalAltResult> {
    Fault::error("a script cannot wait; use a workflow")
}

fn register_context(m: &mut Module) {
    m.set_custom_type::<Context>("Context");
    FuncRegistration::new_getter("user").set_into_module(m, |context: &mut Context| -> Dynamic {
        let run = &context.0;
        optional(
            run.context
                .user_id
                .zip(run.model.entity("user"))
                .map(|(id, entity)| Dynamic::from(Handle::stored(run, Arc::clone(entity), id))),
        )
    });
    FuncRegistration::new_getter("user_name")
        .set_into_module(m, |context: &mut Context| -> String { context.0.context.user_name.clone() });
    FuncRegistration::new_getter("roles").set_into_module(m, |context: &mut Context| -> Array {
        context.0.context.roles.iter().map(|role| role.clone().into()).collect()
    });
    FuncRegistration::new_getter("now")
        .set_into_module(m, |context: &mut Context| -> Moment { context.0.context.now });
    FuncRegistration::new_getter("today").set_into_module(m, |context: &mut Context| -> Date {
        context.0.context.now.with_timezone(&context.0.context.zone).date_naive()
    });
    FuncRegistration::new_getter("locale")
        .set_into_module(m, |context: &mut Context| -> String { context.0.context.language.clone() });
    FuncRegistration::new_getter("origin")
        .set_into_module(m, |context: &mut Context| -> String { context.0.context.origin.clone() });
    add(
        m,
        "has_role",
        &["ctx: Context", "role: String", "bool"],
        "Whether the user has the role.",
        |context: &mut Context, role: &str| context.0.context.roles.iter().any(|held| held == role),
    );
}

fn report(context: &NativeCallContext, field: Option<&str>, message: &str, warning: bool) -> Answer<()> {
    let run = Run::of(context)?;
    let mut problem = match field {
        None => Problem::new(CODE, ""),
        Some(field) => {
            if run.entity.field_index(field).is_none() {
                return Err(Fault::error(format!("`{}` has no field `{field}`", run.entity.name)));
            }
            Problem::at_field(CODE, field)
        }
    };
    problem = problem.saying(message);
    run.report(if warning { problem.as_warning() } else { problem });
    Ok(())
}
