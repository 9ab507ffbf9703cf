//! `GET questions`: what workflows ask the caller; and answers.

use axum::extract::Path;
use axum::response::Response;
use chrono::{DateTime, SecondsFormat, Utc};
use kontor_core::questions::{self, Question};
use kontor_core::records::Save;
use kontor_model::Json;
use kontor_model::json_schema::{Purpose, derive};
use serde::Deserialize;
use serde_json::json;

use super::answer;
use super::records::record_id;
use crate::error::Failure;
use crate::extract::input::{Input, object};
use crate::visit::Caller;

#[derive(Deserialize)]
pub struct QuestionPath {
    id: String,
}

/// `{ "data": [ … ] }`: what waits for an answer of the caller.
pub async fn list_questions(caller: Caller) -> Result<Response, Failure> {
    let waiting = questions::waiting(&caller.session).await?;
    Ok(answer::data(waiting.iter().map(form).collect()))
}

/// One of them, whatever became of it.
pub async fn read_question(caller: Caller, Path(path): Path<QuestionPath>) -> Result<Response, Failure> {
    let question = questions::one(&caller.session, record_id(&path.id)?).await?;
    Ok(answer::json(&form(&question)))
}

/// `POST questions/{id}/answer`: the inputs by name.
pub async fn answer_question(
    caller: Caller,
    Path(path): Path<QuestionPath>,
    Input(body): Input,
) -> Result<Response, Failure> {
    let given = Save::values_of(&object(body)?);
    let answered = questions::answer(&caller.session, record_id(&path.id)?, given);
    let question = Box::pin(answered).await?;
    Ok(answer::json(&form(&question)))
}

fn form(question: &Question) -> Json {
    let moment = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let inputs = question.inputs.as_ref().map(|inputs| {
        let mut schema = derive(&inputs.entity, &inputs.form, Purpose::Input);
        // What every record has, a form has not.
        if let Some(properties) = schema.get_mut("properties").and_then(Json::as_object_mut) {
            properties.retain(|name, _| inputs.entity.field(name).is_none_or(|field| !field.system));
        }
        schema
    });
    json!({
        "id": question.id,
        "title": question.title,
        "workflow": question.workflow,
        "entity": question.entity.name,
        "record": { "id": question.record, "title": question.about },
        "state": question.state,
        "made_at": moment(question.made_at),
        "until": question.until.map(moment),
        "answered_by": question.answered_by,
        "inputs": inputs,
    })
}
