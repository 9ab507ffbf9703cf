//! What comes next in a run.

use kontor_model::filter::Filter;

use crate::step::{Action, Step, Wait};
use crate::{RunState, Workflow};

/// What comes next.
#[derive(Clone, Debug, PartialEq)]
pub enum Next<'w> {
    /// Something is done; afterwards [`RunState::finish`], or [`RunState::go_through`] for a `for_each`, in the same
    /// commit.
    Effect {
        /// The position as text: with the run, it names this effect for ever.
        path: String,
        /// The step.
        step: &'w Step,
    },
    /// A way is chosen: the first condition that holds for the record; then [`RunState::choose`].
    Choose {
        /// The position as text.
        path: String,
        /// The step.
        step: &'w Step,
        /// The conditions, in order.
        conditions: Vec<&'w Filter>,
    },
    /// The run waits until [`Wait::ends`]; then [`RunState::finish`].
    Wait {
        /// The position as text.
        path: String,
        /// The step.
        step: &'w Step,
        /// How long.
        wait: &'w Wait,
    },
    /// The position is not in this workflow: the definition was changed under the run.
    Lost {
        /// The position as text.
        path: String,
    },
    /// The run is at its end.
    Done,
}

/// What comes next in a run. It changes nothing: asked twice, it gives the same twice.
pub fn next<'w>(workflow: &'w Workflow, state: &RunState) -> Next<'w> {
    let Some(position) = state.position() else { return Next::Done };
    let path = position.to_string();
    let Some(step) = position.step(&workflow.steps) else { return Next::Lost { path } };
    match &step.action {
        Action::Branch(branch) => Next::Choose { path, step, conditions: vec![&branch.condition] },
        Action::Switch(switch) => {
            Next::Choose { path, step, conditions: switch.cases.iter().map(|case| &case.condition).collect() }
        }
        Action::Stop(end) => match &end.condition {
            Some(condition) => Next::Choose { path, step, conditions: vec![condition] },
            None => Next::Done,
        },
        // What is tried is always begun.
        Action::Try(_) => Next::Choose { path, step, conditions: vec![&Filter::True] },
        Action::Wait(wait) => Next::Wait { path, step, wait },
        _ => Next::Effect { path, step },
    }
}
