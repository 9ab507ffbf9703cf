//! `inbox/questions/{id}`: what a workflow asks the reader, as a small form.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::Error;
use kontor_core::questions::{self, Question};
use kontor_model::Problems;
use kontor_view::page::action::ActionPage;
use kontor_view::page::job::InboxItem;
use kontor_view::page::part::{Hidden, Link};
use uuid::Uuid;

use super::inbox::RequestPath;
use super::records::actions::of_inputs;
use super::records::once;
use crate::error::Failure;
use crate::extract::form::Form;
use crate::present::action::{inputs, lines_of, unknown_button};
use crate::present::{Reading, flash};
use crate::visit::Reader;

/// The form; whoever comes too late is told in the inbox.
pub async fn show_question(reader: Reader, Path(path): Path<RequestPath>) -> Result<Response, Failure> {
    let id = Uuid::parse_str(&path.id).map_err(|_| Failure::not_found())?;
    let question = questions::one(&reader.session, id).await?;
    if question.inputs.is_none() {
        return Ok(too_late(&reader, &question));
    }
    draw(&reader, &question, None, Problems::new()).await
}

/// `POST`: the answer.
pub async fn answer(reader: Reader, Path(path): Path<RequestPath>, sent: Form) -> Result<Response, Failure> {
    let id = Uuid::parse_str(&path.id).map_err(|_| Failure::not_found())?;
    let question = questions::one(&reader.session, id).await?;
    let Some(asked) = &question.inputs else { return Ok(not_taken(&reader, &question)) };
    if let Some(problems) = unknown_button(&sent) {
        return draw(&reader, &question, Some(&sent), problems).await;
    }
    let given = of_inputs(&reader, asked, &sent);
    let work = async {
        match questions::answer(&reader.session, id, given).await {
            Ok(_) => {
                let inbox = format!("{}/inbox", reader.visit.base);
                Ok(reader.go_saying(&inbox, &flash::done("question.answered", &[])))
            }
            Err(Error::Problems(problems)) => {
                let now = questions::one(&reader.session, id).await?;
                if now.inputs.is_none() {
                    // Somebody was quicker by a moment.
                    return Ok(not_taken(&reader, &now));
                }
                draw(&reader, &question, Some(&sent), problems).await
            }
            Err(error) => Err(error.into()),
        }
    };
    Box::pin(once::once(&reader, &sent, work)).await
}

/// What is said to who opens a question that is not asked any more.
fn too_late(reader: &Reader, question: &Question) -> Response {
    warned(reader, question, ["question.answered_first", "question.too_late"])
}

/// What is said to whose answer comes too late.
fn not_taken(reader: &Reader, question: &Question) -> Response {
    warned(reader, question, ["question.not_taken", "question.not_taken_any_more"])
}

/// In the inbox, with the way to the record: the first words where it is known who answered.
fn warned(reader: &Reader, question: &Question, [known, unknown]: [&'static str; 2]) -> Response {
    let inbox = format!("{}/inbox", reader.visit.base);
    let record = reader.reading().record_href(&question.entity.name, question.record);
    let said = match &question.answered_by {
        Some(person) => flash::done(known, &[("question", &question.title), ("person", person)]),
        None => flash::done(unknown, &[("question", &question.title)]),
    };
    reader.go_saying(&inbox, &said.with_link(record, &question.about))
}

async fn draw(
    reader: &Reader,
    question: &Question,
    typed: Option<&Form>,
    problems: Problems,
) -> Result<Response, Failure> {
    let reading = reader.reading();
    let Some(asked) = &question.inputs else { return Ok(too_late(reader, question)) };
    let is_refused = !problems.is_empty();
    let (of_fields, others): (Vec<_>, Vec<_>) = problems
        .into_iter()
        .partition(|one| one.field().is_some_and(|name| asked.entity.field(name).is_some()));
    let (fields, mut lines, warnings) = inputs(reader, asked, typed, Problems(of_fields)).await?;
    lines.extend(lines_of(&reading, &question.entity, &Problems(others), false));
    let inbox = format!("{}/inbox", reader.visit.base);
    let key = typed.map(|typed| typed.text(once::KEY).to_owned()).filter(|key| !key.is_empty());
    let page = ActionPage {
        at: reader.visit.place(),
        entity: reading.head(&question.entity),
        heading: question.title.clone(),
        button: reading.t("question.answer"),
        icon_name: "check".to_owned(),
        titles: vec![question.about.clone()],
        record_href: reading.record_href(&question.entity.name, question.record),
        count: 1,
        fields,
        problems: lines,
        warnings,
        action: format!("{inbox}/questions/{}", question.id),
        hidden: vec![Hidden {
            name: once::KEY.to_owned(),
            value: key.unwrap_or_else(|| Uuid::new_v4().simple().to_string()),
        }],
        cancel_href: inbox.clone(),
        ..ActionPage::default()
    };
    let mut draw = reader.draw().below(reading.t("inbox.title"), inbox);
    if is_refused {
        draw = draw.refused();
    }
    draw.view(&page).await
}

/// The page on which a question is answered.
fn href_of(reading: &Reading<'_>, question: &Question) -> String {
    format!("{}/inbox/questions/{}", reading.visit.base, question.id)
}

/// A question on the page of its record.
pub fn link(reading: &Reading<'_>, question: &Question) -> Link {
    let until = question.until.map(|until| reading.format.moment(until));
    Link {
        note: until
            .map_or_else(String::new, |when| reading.words().with("question.until", &[("when", &when)])),
        ..Link::new(href_of(reading, question), question.title.clone(), "message-square")
    }
}

/// A question as it stands in the inbox.
pub fn item(reading: &Reading<'_>, question: &Question) -> InboxItem {
    let when = reading.format.when(question.made_at);
    let until = question
        .until
        .map(|until| reading.words().with("question.until", &[("when", &reading.format.moment(until))]));
    InboxItem {
        icon: "message-square".to_owned(),
        tone: "t-amber".to_owned(),
        title: question.title.clone(),
        note: question.about.clone(),
        lines: until.into_iter().collect(),
        note_href: reading.record_href(&question.entity.name, question.record),
        href: href_of(reading, question),
        answer: href_of(reading, question),
        when: when.text,
        exact: when.exact,
        ..InboxItem::default()
    }
}
