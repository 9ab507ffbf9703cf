//! The board: lanes of an entity's records by the options of a choice field.

use std::collections::HashSet;
use std::sync::Arc;

use kontor_core::permissions::{Verb, allows};
use kontor_core::records::{Currency, RecordPage, Titles};
use kontor_model::access::FieldRight;
use kontor_model::kind::NumberStyle;
use kontor_model::{EntityModel, FieldModel, Problems, Record, Value};
use kontor_view::page::board::{BoardPage, Card, CardMove, Lane};
use kontor_view::page::part::Notice;
use uuid::Uuid;

use super::table::Wanted;
use super::{Reading, address as listing, filters, list, moves, values};
use crate::extract::query::Query;
use crate::frame::address;
use crate::routes::records::chosen::Chosen;

/// What a lane is made of.
pub struct LaneParts {
    /// The option; `None` for records without one.
    pub value: Option<String>,
    /// How many records it holds.
    pub count: u64,
    /// The sum over them.
    pub sum: (Value, Currency),
    /// The first of them.
    pub page: Option<RecordPage>,
    /// Whether only its heading is shown.
    pub folded: bool,
}

/// The input of an address that names the lanes of which only the heading is shown.
pub const FOLDED: &str = "_folded";
/// The name there of the lane without a value.
pub const NO_VALUE: &str = "-";

/// What the page is made of.
pub struct Parts<'a> {
    /// The kind of record.
    pub entity: &'a Arc<EntityModel>,
    /// The view and its filter.
    pub chosen: &'a Chosen,
    /// The field that makes the lanes.
    pub by: &'a FieldModel,
    /// The field that is summed.
    pub sum: Option<&'a str>,
    /// The fields of a card.
    pub wanted: &'a Wanted,
    /// The lanes.
    pub lanes: &'a [LaneParts],
    /// Titles of what the lanes of a link lead to.
    pub titles: &'a Titles,
    /// The records that have been in their stage for too long.
    pub late: &'a HashSet<Uuid>,
    /// The records that the reader may change.
    pub open: &'a HashSet<Uuid>,
    /// The fields that moves depend on, with the place of their values behind those of a card; none where they depend on
    /// nothing but the stage.
    pub beside: &'a [(usize, usize)],
    /// Lanes that did not fit.
    pub left_over: usize,
    /// The address.
    pub query: &'a Query,
}

/// The page.
pub async fn page(reading: &Reading<'_>, parts: Parts<'_>) -> BoardPage {
    let Parts { entity, chosen, by, query, .. } = parts;
    let titles = Titles::new();
    let presenter = reading.presenter(&titles);
    let list_href = reading.list_href(&entity.name);
    let lanes = parts.lanes.iter().map(|lane| lane_of(reading, &parts, lane, &list_href)).collect();
    BoardPage {
        at: reading.visit.place(),
        entity: reading.head(entity),
        tabs: list::tabs(reading, &chosen.views, &chosen.view, &list_href),
        notices: notices(reading, &parts),
        menu: super::view_menu::menu(reading, entity, chosen, query),
        layouts: list::layouts(&chosen.views, &chosen.view, &list_href),
        new_href: if allows(reading.session, entity, Verb::Create) {
            format!("{list_href}/new")
        } else {
            String::new()
        },
        customise: list::customise(reading, entity, &chosen.view),
        filter: filters::bar(reading, entity, query, &list_href, &Problems::new()).await,
        by: by.name.clone(),
        by_title: presenter.label(by),
        here: reading.visit.here.clone(),
        lanes,
    }
}

fn lane_of(reading: &Reading<'_>, parts: &Parts<'_>, lane: &LaneParts, list_href: &str) -> Lane {
    let (entity, by) = (parts.entity, parts.by);
    let presenter = reading.presenter(parts.titles);
    let value = lane_value(by, lane.value.as_deref());
    let mut head = presenter.cell(entity, by, &value, "");
    if head.text.is_empty() && lane.value.is_some() {
        // The reader sees the records, but not what they link to.
        head.text = reading.t("value.hidden");
    }
    let shown = lane.page.as_ref().map_or(0, |page| page.rows.len());
    let table = parts
        .chosen
        .views
        .iter()
        .find(|view| view.view_type == kontor_model::definition::view::ViewType::List);
    let more_href = if lane.count > shown as u64 && !lane.folded {
        let mut pairs = listing::kept(parts.query);
        pairs.retain(|(name, _)| name != "view");
        pairs.extend(table.map(|view| ("view".to_owned(), view.name.clone())));
        pairs.push(match &lane.value {
            Some(value) => (by.name.clone(), value.clone()),
            None => (format!("{}[empty]", by.name), "true".to_owned()),
        });
        address::with_query(list_href, pairs)
    } else {
        String::new()
    };
    let (sum, sum_note) = sum_text(reading, parts, &lane.sum);
    Lane {
        value: lane.value.clone().unwrap_or_default(),
        title: if lane.value.is_some() { head.text } else { reading.t("board.no_value") },
        tone: head.tone,
        count: reading.format.count(lane.count),
        sum,
        sum_note,
        cards: lane.page.as_ref().map(|page| cards(reading, parts, lane, page)).unwrap_or_default(),
        more_href,
        folded: lane.folded,
        fold_href: fold_href(parts, lane, list_href),
    }
}

/// The same board with this lane folded, or unfolded.
fn fold_href(parts: &Parts<'_>, lane: &LaneParts, list_href: &str) -> String {
    let own = lane.value.as_deref().unwrap_or(NO_VALUE);
    let mut folded: Vec<&str> =
        parts.query.text(FOLDED).split(',').filter(|value| !value.is_empty() && *value != own).collect();
    if !lane.folded {
        folded.push(own);
    }
    let mut pairs = listing::kept(parts.query);
    pairs.retain(|(name, _)| name != FOLDED);
    if !folded.is_empty() {
        pairs.push((FOLDED.to_owned(), folded.join(",")));
    }
    address::with_query(list_href, pairs)
}

fn notices(reading: &Reading<'_>, parts: &Parts<'_>) -> Vec<Notice> {
    let mut notices = list::notices(parts.chosen);
    if parts.left_over > 0 {
        notices.push(Notice {
            tone: "t-amber".to_owned(),
            title: reading.words().count("board.left_over", parts.left_over),
            lines: Vec::new(),
        });
    }
    notices
}

fn sum_text(
    reading: &Reading<'_>,
    parts: &Parts<'_>,
    (sum, currency): &(Value, Currency),
) -> (String, String) {
    let field = parts.sum.and_then(|name| parts.entity.field(name));
    let style = field.map(|field| field.kind.style());
    if style == Some(NumberStyle::Money) {
        let shown = |code: &str| {
            sum.as_decimal().map_or_else(String::new, |sum| reading.format.money_short(sum, code))
        };
        return values::total_text(reading, currency, &shown);
    }
    let Some(number) = sum.as_decimal() else { return Default::default() };
    let text = match style {
        Some(NumberStyle::Percent) => reading.format.percent(number),
        Some(NumberStyle::Span) => {
            reading.format.span(number.rescale(0).map_or(0, kontor_model::Decimal::units))
        }
        _ => reading.format.decimal(number),
    };
    (text, String::new())
}

/// Whether cards of a lane may be moved to another one: what no save would take is not offered.
fn can_move(reading: &Reading<'_>, parts: &Parts<'_>, lane: &LaneParts) -> bool {
    let (entity, by) = (parts.entity, parts.by);
    let by_people = by.definition.write.as_deref().is_none_or(|who| who == "people");
    let is_settled = by.definition.set_once && lane.value.is_some();
    allows(reading.session, entity, Verb::Update)
        && values::right(reading, entity, by) == FieldRight::Edit
        && by.is_typed()
        && by_people
        && !is_settled
        && !entity.definition.append_only
}

/// Where a card may be moved: to every other lane, or as far as the process of the field knows a way.
fn moves_of(reading: &Reading<'_>, parts: &Parts<'_>, lane: &LaneParts, row: &[Value]) -> Vec<CardMove> {
    let (entity, by) = (parts.entity, parts.by);
    let mut record = Record::empty(entity);
    for (field, place) in parts.beside {
        record.set(*field, row.get(*place).cloned().unwrap_or_default());
    }
    let from = lane.value.as_deref().unwrap_or_default();
    if by.kind.is_choice() {
        record.set(by.index, lane.value.as_deref().map(Value::text).unwrap_or_default());
    }
    let process = moves::process_of_field(reading, entity, &record, &by.name);
    let presenter = reading.presenter(parts.titles);
    let others = parts.lanes.iter().filter_map(|other| other.value.as_deref()).filter(|to| *to != from);
    let to = |to: &str| {
        let title = match &process {
            Some(process) => moves::title(reading, entity, &record, process, from, to)?,
            None => String::new(),
        };
        let lane = || {
            let title = presenter.cell(entity, by, &lane_value(by, Some(to)), "").text;
            if title.is_empty() { reading.t("value.hidden") } else { title }
        };
        Some(CardMove { to: to.to_owned(), title: if title.is_empty() { lane() } else { title } })
    };
    others.filter_map(to).collect()
}

/// The value of the field in a lane.
fn lane_value(by: &FieldModel, lane: Option<&str>) -> Value {
    match lane {
        None => Value::Empty,
        Some(id) if by.kind.is_link() => Uuid::parse_str(id).map(Value::Id).unwrap_or_default(),
        Some(value) => Value::text(value),
    }
}

fn cards(reading: &Reading<'_>, parts: &Parts<'_>, lane: &LaneParts, page: &RecordPage) -> Vec<Card> {
    let entity = parts.entity;
    let can_move = can_move(reading, parts, lane);
    let names: Vec<&str> = parts.wanted.named().map(|(name, _)| name).collect();
    page.rows
        .iter()
        .map(|row| {
            let mut amount = None;
            let mut cells = Vec::new();
            for (name, cell) in names.iter().zip(parts.wanted.cells(reading, page, &row.values)) {
                if Some(*name) == parts.sum {
                    amount = (!cell.text.is_empty()).then_some(cell);
                } else if !cell.text.is_empty() {
                    cells.push(cell);
                }
            }
            Card {
                id: row.id.to_string(),
                title: parts.wanted.title(reading, page, &row.values).unwrap_or_else(|| row.id.to_string()),
                href: reading.record_href(&entity.name, row.id),
                version: row.version.to_string(),
                amount,
                cells,
                moves: if can_move && parts.open.contains(&row.id) {
                    moves_of(reading, parts, lane, &row.values)
                } else {
                    Vec::new()
                },
                late: parts.late.contains(&row.id),
            }
        })
        .collect()
}
