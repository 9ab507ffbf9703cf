//! How a round begins: who is asked at once, who after them, how many have to agree, and until when.

use kontor_model::Problem;
use kontor_model::definition::approval::ApprovalDefinition;
use uuid::Uuid;

use super::{Request, deadline};
use crate::Session;

/// Begins a round with those who decide there, in the order in which they are asked.
pub(super) fn begin(
    session: &Session,
    approval: &ApprovalDefinition,
    request: &mut Request,
    level: usize,
    people: Vec<Uuid>,
) -> Result<(), Problem> {
    let written = approval.levels.get(level);
    let mode = written.and_then(|level| level.mode.as_deref()).unwrap_or("any");
    let need = written.and_then(|level| level.quorum).and_then(|need| usize::try_from(need).ok());
    let need = need.filter(|_| mode == "quorum").unwrap_or_default();
    let title = || session.catalogue.label("approval", &approval.name, "title", &approval.title).to_owned();
    if people.is_empty() {
        return Err(Problem::new("nobody_may_decide", "").with("name", title()));
    }
    if people.len() < need {
        let problem = Problem::new("too_few_may_decide", "").with("name", title());
        return Err(problem.with("need", need).with("count", people.len()));
    }
    request.level = level;
    mode.clone_into(&mut request.mode);
    request.need = need;
    request.passed = 0;
    request.due = deadline::due(session, approval, level);
    request.waiting = people;
    request.queue.clear();
    if mode == "sequence" {
        request.queue = request.waiting.split_off(1);
    }
    Ok(())
}
