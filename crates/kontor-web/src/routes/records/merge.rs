//! `r/{entity}/{id}/merge?with=`: two records side by side, of which one stays. `POST r/{entity}/merge` leads there from a list.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::Path;
use axum::response::Response;
use kontor_core::permissions::{Verb, allows, demand};
use kontor_core::records::{self, Choice, Merge, RecordView};
use kontor_core::{Error, Session};
use kontor_model::entity::system;
use kontor_model::{EntityModel, FieldModel, Problems};
use kontor_view::page::merge::{MergeField, MergePage};
use kontor_view::page::part::Hidden;
use uuid::Uuid;

use super::once::{self, once};
use super::{EntityPath, RecordPath, bulk};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::action::lines_of;
use crate::present::{address as listing, flash, values};
use crate::visit::Reader;

/// Before the name of a field whose value is chosen.
const CHOOSE: &str = "choose.";

/// Whether the reader may make one record of two.
pub fn may_merge(session: &Session, entity: &EntityModel) -> bool {
    session.portal.is_none()
        && allows(session, entity, Verb::Update)
        && allows(session, entity, Verb::Delete)
        && !entity.definition.append_only
        && !entity.holds_people()
}

/// `GET …/merge?with=`.
pub async fn ask_merge(
    reader: Reader,
    Path(path): Path<RecordPath>,
    query: Query,
) -> Result<Response, Failure> {
    let (entity, id) = path.find(&reader)?;
    let pair = both(&reader, &entity, id, query.text("with")).await?;
    draw(&reader, &pair, None, Problems::new()).await
}

/// `POST …/merge`: `from` and `choose.<field>`.
pub async fn merge_records(
    reader: Reader,
    Path(path): Path<RecordPath>,
    sent: Form,
) -> Result<Response, Failure> {
    let (entity, id) = path.find(&reader)?;
    let work = async {
        let pair = both(&reader, &entity, id, sent.text("from")).await?;
        let chosen = sent
            .0
            .iter()
            .filter_map(|(name, value)| Some((name.strip_prefix(CHOOSE)?.to_owned(), Choice::parse(value)?)));
        let fields: BTreeMap<String, Choice> = chosen.collect();
        let from = pair.1.record.id();
        // Who was told of warnings and goes on says so.
        let refuse_warnings = sent.text("_accept_warnings") != "1";
        let session = Session { refuse_warnings, ..reader.session.clone() };
        let wanted = Merge { entity: Arc::clone(&entity), into: id, from, fields };
        match Box::pin(records::merge(&session, &wanted)).await {
            Ok((merged, _)) => {
                let own = reader.reading().record_href(&entity.name, id);
                let title = merged.title(&reader.session);
                Ok(reader.go_saying(&own, &flash::done("record.merged", &[("record", &title)])))
            }
            Err(Error::Problems(problems)) => draw(&reader, &pair, Some(&sent), problems).await,
            Err(error) => Err(error.into()),
        }
    };
    Box::pin(once(&reader, &sent, work)).await
}

/// `POST r/{entity}/merge`: to the page of the two that are ticked.
pub async fn merge_chosen(
    reader: Reader,
    Path(path): Path<EntityPath>,
    query: Query,
    sent: Form,
) -> Result<Response, Failure> {
    let entity = path.find(&reader)?;
    demand(&reader.session, &entity, Verb::Update)?;
    demand(&reader.session, &entity, Verb::Delete)?;
    let reading = reader.reading();
    let ids = bulk::chosen(&reading, &entity, &query, &sent).await?;
    let [into, from] = ids.as_slice() else {
        let list = address::with_query(&reading.list_href(&entity.name), listing::kept(&query));
        return Ok(reader.go_saying(&list, &flash::done("merge.choose_two", &[])));
    };
    let own = format!("{}/merge", reading.record_href(&entity.name, *into));
    Ok(reader.go(&address::with_query(&own, [("with", from.to_string())])))
}

/// The one that stays, and the one that goes.
type Pair = (RecordView, RecordView);

async fn both(reader: &Reader, entity: &Arc<EntityModel>, id: Uuid, with: &str) -> Result<Pair, Failure> {
    let session = &reader.session;
    let other = Uuid::parse_str(with).ok().filter(|other| *other != id).ok_or_else(Failure::not_found)?;
    demand(session, entity, Verb::Update)?;
    demand(session, entity, Verb::Delete)?;
    if !may_merge(session, entity) {
        return Err(Failure::not_found());
    }
    Ok((records::get(session, entity, id).await?, records::get(session, entity, other).await?))
}

async fn draw(
    reader: &Reader,
    (mine, theirs): &Pair,
    sent: Option<&Form>,
    problems: Problems,
) -> Result<Response, Failure> {
    let reading = reader.reading();
    let entity = &mine.entity;
    let (id, other) = (mine.record.id(), theirs.record.id());
    let is_told = |field: &&FieldModel| {
        field.is_typed()
            && field.part.is_none()
            && field.companion_of.is_none()
            && field.name != "record_type"
            && field.definition.write.as_deref() != Some("nobody")
            && !field.kind.is_list()
            && !field.kind.is_drawn()
            && !field.kind.is_write_only()
            && values::is_shown(&reading, entity, field)
    };
    let fields = entity.fields.iter().filter(is_told).filter_map(|field| {
        let (own, their) = (mine.record.at(field.index), theirs.record.at(field.index));
        if own.is_empty() && their.is_empty() {
            return None;
        }
        let is_usual = field.index == system::OWNER;
        let takes = match sent.and_then(|sent| sent.get(&format!("{CHOOSE}{}", field.name))) {
            Some(choice) => choice == "take",
            None => own.is_empty() && !is_usual,
        };
        Some(MergeField {
            name: field.name.clone(),
            label: field.full_label(entity, &reading.labels),
            mine: values::shown(&reading, mine, field).text,
            theirs: values::shown(&reading, theirs, field).text,
            takes,
            differs: own != their,
        })
    });
    let href = |id: Uuid| reading.record_href(&entity.name, id);
    let lines = lines_of(&reading, entity, &problems, false);
    let warnings = if lines.is_empty() { lines_of(&reading, entity, &problems, true) } else { Vec::new() };
    let page = MergePage {
        at: reader.visit.place(),
        entity: reading.head(entity),
        mine: mine.title(&reader.session),
        theirs: theirs.title(&reader.session),
        mine_href: href(id),
        theirs_href: href(other),
        swap_href: address::with_query(&format!("{}/merge", href(other)), [("with", id.to_string())]),
        action: format!("{}/merge", href(id)),
        hidden: vec![
            Hidden { name: "from".to_owned(), value: other.to_string() },
            Hidden { name: once::KEY.to_owned(), value: Uuid::new_v4().simple().to_string() },
        ],
        fields: fields.collect(),
        problems: lines,
        warnings,
    };
    let list = reading.list_href(&entity.name);
    let mut draw =
        reader.draw().below(reading.plural_of(entity), list).below(page.mine.clone(), page.mine_href.clone());
    if !problems.is_empty() {
        draw = draw.refused();
    }
    draw.view(&page).await
}
