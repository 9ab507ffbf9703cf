//! Runs scripts in this process, on the thread of the caller.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use kontor_model::{EntityModel, Model, Problems, Record};
use rhai::{CallFnOptions, Dynamic, EvalAltResult, Scope};

use crate::api::Context;
use crate::convert::{dynamic_to_value, json_to_dynamic};
use crate::engine::{Kit, Seat};
use crate::error::{ErrorKind, ScriptError};
use crate::hook::{Function, Hook};
use crate::library::Libraries;
use crate::problem::{Verdict, judge, returned};
use crate::run::{Parts, Run, RunTag};
use crate::source::{Compiled, SourceError, Sources};
use crate::stack::with_stack;
use crate::types::Handle;
use crate::{Bill, Call, Host, Outcome, Runner, Script, check};

/// Runs scripts in place. Cheap to share; one for the whole program is enough.
pub struct InPlace {
    kit: Kit,
    sources: Arc<Sources>,
}

impl Default for InPlace {
    fn default() -> Self {
        Self::new()
    }
}

impl InPlace {
    /// A runner with all modules; takes about a millisecond.
    pub fn new() -> Self {
        Self { kit: Kit::new(), sources: Arc::default() }
    }
}

impl Runner for InPlace {
    fn call(&self, mut call: Call<'_>, host: Arc<dyn Host>) -> Result<Outcome, ScriptError> {
        let limits = call.limits;
        with_stack(|| self.kit.with(&limits, |seat| self.call_on(seat, &mut call, host)))
    }

    fn defines(&self, scripts: &[Script], function: &str) -> bool {
        scripts.iter().any(|script| {
            let known = self.sources.known(&script.source);
            let compiled = known.or_else(|| {
                self.kit
                    .with(&crate::Limits::SAVE, |seat| self.sources.get(&seat.engine, &script.source).ok())
            });
            compiled.is_some_and(|compiled| compiled.ast.iter_functions().any(|own| own.name == function))
        })
    }

    fn check(&self, _name: &str, source: &str, model: &Model, entity: Option<&EntityModel>) -> Problems {
        let limits = crate::Limits::SAVE;
        with_stack(|| {
            self.kit.with(&limits, |seat| {
                check::check(&seat.engine, self.kit.callable(&seat.engine), source, model, entity)
            })
        })
    }
}

/// A function of one script that is about to be called.
struct Target<'a> {
    script: &'a Script,
    compiled: Arc<Compiled>,
    function: Function,
}

impl InPlace {
    fn call_on(&self, seat: &Seat, call: &mut Call<'_>, host: Arc<dyn Host>) -> Result<Outcome, ScriptError> {
        let hook = Hook::of(call.function);
        let targets = self.targets(seat, call, hook.as_ref())?;
        if targets.is_empty() {
            return Ok(Outcome::default());
        }
        let run = Run::new(Parts {
            model: Arc::clone(call.model),
            entity: Arc::clone(call.entity),
            context: Arc::new(call.context.clone()),
            host,
            limits: call.limits,
            meter: Arc::clone(&seat.meter),
            record: std::mem::replace(call.record, Record { values: Vec::new() }),
            old: call.old.cloned(),
            writable: hook.as_ref().is_none_or(Hook::may_change),
        });
        let input = json_to_dynamic(&call.input);
        let result = self.call_all(seat, &run, &targets, &input);
        *call.record = run.take_record();
        let last = result?;
        let mut outcome = Outcome {
            called: targets.len(),
            problems: Problems(run.take_problems()),
            log: run.take_log(),
            returned: returned(&last),
            value: None,
            lists: run.take_lists(),
            bill: run.bill(),
        };
        outcome.log.extend(seat.take_lines());
        if let Some(Hook::Field(name)) = &hook
            && let Some(field) = run.entity.field(name)
            && let Some(target) = targets.last()
        {
            let value = dynamic_to_value(&run, field, &last);
            outcome.value = Some(value.map_err(|error| Self::error(target, &run, *error))?);
        }
        Ok(outcome)
    }

    /// The functions to call, the lowest layer first.
    fn targets<'a>(
        &self,
        seat: &Seat,
        call: &Call<'a>,
        hook: Option<&Hook>,
    ) -> Result<Vec<Target<'a>>, ScriptError> {
        let mut targets = Vec::new();
        for script in call.scripts {
            let compiled = self
                .sources
                .get(&seat.engine, &script.source)
                .map_err(|error| syntax_error(&script.name, call.function, &error))?;
            let known = compiled.functions.iter().find(|function| function.name == call.function).cloned();
            let function = known.or_else(|| {
                // A function of the script's own, called by a workflow step.
                let own = compiled.ast.iter_functions().find(|function| function.name == call.function)?;
                Some(Function {
                    name: own.name.to_owned(),
                    hook: Hook::Action(String::new()),
                    parameters: own.params.iter().map(ToString::to_string).collect(),
                    comment: String::new(),
                    line: 0,
                })
            });
            if let Some(function) = function {
                targets.push(Target { script, compiled, function });
            }
        }
        if hook.is_none_or(Hook::is_overridden)
            && let Some(uppermost) = targets.pop()
        {
            return Ok(vec![uppermost]);
        }
        Ok(targets)
    }

    /// Calls the functions one after the other; a thrown message ends the row.
    fn call_all(
        &self,
        seat: &Seat,
        run: &Arc<Run>,
        targets: &[Target<'_>],
        input: &Dynamic,
    ) -> Result<Dynamic, ScriptError> {
        let mut last = Dynamic::UNIT;
        for target in targets {
            let called = catch_unwind(AssertUnwindSafe(|| self.call_one(seat, run, target, input)));
            let result = called.unwrap_or_else(|_| {
                let message = "the script engine broke off".to_owned();
                Err(run.fail(ErrorKind::Runtime, message))
            });
            match result {
                Ok(value) => last = value,
                Err(error) => match judge(*error, run) {
                    Verdict::Problems(problems) => {
                        for problem in problems {
                            run.report(problem);
                        }
                        break;
                    }
                    Verdict::Error(diagnosis) => return Err(place(target, diagnosis, run.bill())),
                },
            }
        }
        Ok(last)
    }

    fn call_one(
        &self,
        seat: &Seat,
        run: &Arc<Run>,
        target: &Target<'_>,
        input: &Dynamic,
    ) -> Result<Dynamic, Box<EvalAltResult>> {
        let arguments = arguments(run, &target.function, input);
        let options =
            CallFnOptions::new().with_tag(RunTag(Arc::clone(run))).eval_ast(target.compiled.has_top);
        let mut scope = Scope::new();
        let name = &target.function.name;
        if target.compiled.has_top {
            let (model, sources) = (Arc::clone(&run.model), Arc::clone(&self.sources));
            seat.offer(Libraries { model, sources, loading: Vec::new() });
        }
        seat.engine.call_fn_with_options(options, &mut scope, &target.compiled.ast, name, arguments)
    }

    fn error(target: &Target<'_>, run: &Run, error: EvalAltResult) -> ScriptError {
        match judge(error, run) {
            Verdict::Error(diagnosis) => place(target, diagnosis, run.bill()),
            Verdict::Problems(problems) => ScriptError {
                script: target.script.name.clone(),
                function: target.function.name.clone(),
                line: Some(target.function.line),
                column: None,
                kind: ErrorKind::Runtime,
                message: problems
                    .first()
                    .and_then(|problem| problem.message.as_deref())
                    .unwrap_or_default()
                    .to_owned(),
                bill: Box::new(run.bill()),
            },
        }
    }
}

/// What a function gets, by its hook and the number of its parameters.
fn arguments(run: &Arc<Run>, function: &Function, input: &Dynamic) -> Vec<Dynamic> {
    let record = || Dynamic::from(Handle::current(run));
    let context = || Dynamic::from(Context(Arc::clone(run)));
    let old = || if run.old.is_some() { Dynamic::from(Handle::old(run)) } else { Dynamic::UNIT };
    let count = function.parameters.len();
    let all = match function.hook {
        Hook::BeforeSave | Hook::Validate => vec![record(), old(), context()],
        Hook::BeforeDelete | Hook::Field(_) => vec![record(), context()],
        Hook::Action(_) if count == 2 => vec![record(), context()],
        Hook::Action(_) => vec![record(), input.clone(), context()],
        Hook::Run => vec![context()],
    };
    all.into_iter().take(count).collect()
}

fn place(target: &Target<'_>, diagnosis: crate::problem::Diagnosis, bill: Bill) -> ScriptError {
    ScriptError {
        script: diagnosis.script.unwrap_or_else(|| target.script.name.clone()),
        function: target.function.name.clone(),
        // Where a loop was when it was stopped is not known: then the function says where to look.
        line: diagnosis
            .line
            .or(matches!(diagnosis.kind, ErrorKind::Limit(..)).then_some(target.function.line)),
        column: diagnosis.column,
        kind: diagnosis.kind,
        message: diagnosis.message,
        bill: Box::new(bill),
    }
}

fn syntax_error(script: &str, function: &str, error: &SourceError) -> ScriptError {
    let (line, column, message) = check::describe_source_error(error);
    ScriptError {
        script: script.to_owned(),
        function: function.to_owned(),
        line,
        column,
        kind: ErrorKind::Syntax,
        message,
        bill: Box::default(),
    }
}
