//! `admin/edit/{kind}/{name}`: a definition as the form that its meta-schema draws, and `admin/documentation/{kind}`: the
//! same schema as documentation.

use std::collections::BTreeMap;

use axum::extract::Path;
use axum::response::Response;
use kontor_core::Error;
use kontor_core::definitions::layers::WORKSPACE;
use kontor_core::definitions::{self, drafts};
use kontor_core::permissions::demand_admin;
use kontor_model::definition::{DefinitionKind, DefinitionSet};
use kontor_model::{Json, Problem, Problems, name};
use kontor_view::icon_names;
use kontor_view::page::admin::DraftState;
use kontor_view::page::admin::shape::{DocumentationPage, ShapeField, ShapePage};
use kontor_view::page::part::{Link, Place, Tab};
use serde_json::json;

use super::as_read::{self, Carried};
use super::draft::{Draft, text};
use super::source::{SourcePath, source_href};
use crate::api::definitions::kind_of;
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::admin::entity::designer_href;
use crate::present::admin::shape::node::Node;
use crate::present::admin::shape::{Known, acts, document, draw, naming, problems, read, values};
use crate::present::{Reading, flash};
use crate::visit::Reader;

/// The name in the address of a definition that has none yet.
pub const NEW: &str = "new";

/// The kinds whose definitions are changed here: those without an editor of their own, and those whose editor does not
/// say everything.
pub fn has_form(kind: DefinitionKind) -> bool {
    use DefinitionKind as K;
    !matches!(kind, K::Entity | K::Form | K::Table | K::Script | K::Locale)
}

/// Where the form of a definition is.
pub fn href(reading: &Reading<'_>, kind: DefinitionKind, name: &str) -> String {
    reading.admin_href(&format!("edit/{kind}/{}", address::segment(name)))
}

/// Where a kind is documented.
pub fn documentation_href(reading: &Reading<'_>, kind: DefinitionKind) -> String {
    reading.admin_href(&format!("documentation/{kind}"))
}

/// The pages of one definition; none for kinds that have no form.
pub fn tabs(reading: &Reading<'_>, kind: DefinitionKind, name: &str, current: &str) -> Vec<Tab> {
    let tab = |word: &str, href: String| Tab {
        href,
        title: reading.t(&format!("shape.tab_{word}")),
        count: String::new(),
        current: word == current,
    };
    let mut tabs = Vec::new();
    let own = match kind {
        DefinitionKind::Report => format!("{}/reports/{}/edit", reading.visit.base, address::segment(name)),
        _ => designer_href(reading, kind, name),
    };
    let form = href(reading, kind, name);
    let source = reading.admin_href(&format!("source/{kind}/{}", address::segments(name)));
    if name != NEW && own != form && own != source {
        tabs.push(tab("designer", own));
    }
    if has_form(kind) {
        tabs.push(tab("form", form));
    }
    if kind != DefinitionKind::Script {
        tabs.push(tab("source", source));
    }
    // The texts of a language have no shape of their own to document.
    if Node::of_kind(kind).is_some() {
        tabs.push(tab("documentation", documentation_href(reading, kind)));
    }
    tabs
}

fn kind_with_form(word: &str) -> Result<DefinitionKind, Failure> {
    let kind = kind_of(word)?;
    if has_form(kind) { Ok(kind) } else { Err(Failure::not_found()) }
}

/// `GET …?at=` with the item that is open.
pub async fn show_shape(
    reader: Reader,
    Path(path): Path<SourcePath>,
    query: Query,
) -> Result<Response, Failure> {
    let kind = kind_with_form(&path.kind)?;
    let draft = Draft::open(&reader.session).await?;
    let shown = match draft.definition(kind, &path.name) {
        Some(json) => json.clone(),
        None if path.name == NEW => json!({}),
        // The draft removes it, or it is broken: its source tells.
        None => return Ok(reader.go(&source_href(&reader, kind, &path.name))),
    };
    let page =
        Shown { carried: Carried::stored(&shown), open: query.text("at").to_owned(), ..Shown::default() };
    answer(&reader, &draft, (kind, &path.name), &shown, page).await
}

/// `POST`.
pub async fn save_shape(
    reader: Reader,
    Path(path): Path<SourcePath>,
    sent: Form,
) -> Result<Response, Failure> {
    let kind = kind_with_form(&path.kind)?;
    let draft = Draft::open(&reader.session).await?;
    let model = drafts::model(&reader.session).await?;
    let reading = reader.reading();
    let root = Node::of_kind(kind).ok_or_else(Failure::not_found)?;
    let standing = draft.definition(kind, &path.name).cloned();
    if standing.is_none() && path.name != NEW {
        return Err(Failure::not_found());
    }
    let base = as_read::sent(&sent).or_else(|| standing.clone()).unwrap_or_else(|| json!({}));
    let drawn = as_read::unsaved(&sent).unwrap_or_else(|| base.clone());
    let known = Known { reading: &reading, draft: &draft, model: &model, kind, whole: &drawn };
    let typed = read::read(&known, root, &sent);
    let mut whole = typed.whole;
    let below = reader.session.workspace.layers().below(&(kind, path.name.clone()));
    let shown = |open: String, read: &Json, whole: &Json, problems: Problems| Shown {
        carried: Carried::unsaved(read, whole),
        open,
        problems,
        texts: typed.texts.clone(),
        sent: Some(sent.clone()),
    };
    if let Some(open) = acts::act(root, &mut whole, below.as_ref(), &sent) {
        read::without_emptied(&mut whole);
        let page = shown(open, &base, &whole, typed.problems.clone());
        return answer(&reader, &draft, (kind, &path.name), &whole, page).await;
    }
    acts::add_picked(root, &mut whole, &sent, "");
    read::without_emptied(&mut whole);
    read::without_strange(root, &mut whole);
    naming::name_items(root, &mut whole, Some(&base));
    let mut wrong = typed.problems.clone();
    for at in values::unfilled(&whole) {
        let (above, key) = at.rsplit_once('/').unwrap_or_default();
        let label = known.label(&at, &known.keys(above), key);
        wrong.push(Problem::new("required", at.as_str()).with("field", label));
    }
    let mut own = path.name.clone();
    if own == NEW {
        let title = text(&whole, "title").trim().to_owned();
        own = name::derive(&title, |name| name == NEW || draft.definition(kind, name).is_some());
        if let Some(object) = whole.as_object_mut() {
            object.shift_insert(0, "name".to_owned(), own.clone().into());
        }
        if title.is_empty() {
            let label = reading.schema_text("Title");
            wrong.push(Problem::at_field("required", "title").with("field", label));
        }
    }
    let open = sent.text("_at").to_owned();
    if wrong.has_errors() {
        let page = shown(open, &base, &whole, wrong);
        return answer(&reader, &draft, (kind, &path.name), &whole, page).await;
    }
    if let Some(standing) = standing.as_ref().filter(|standing| **standing != base) {
        match as_read::join(&base, standing, &whole) {
            Ok(joined) => whole = joined,
            Err((problems, joined)) => {
                let told = problems.into_iter().map(|one| {
                    let path = read::pointer_of(&joined, &one.path);
                    Problem { path, ..one }
                });
                let problems = Problems(told.collect());
                let page = shown(open, standing, &joined, problems);
                return answer(&reader, &draft, (kind, &path.name), &joined, page).await;
            }
        }
    }
    match draft.put(kind, &own, whole.clone()).await {
        Ok(()) => {
            let next = address::with_query(&href(&reading, kind, &own), [("at", open.as_str())]);
            Ok(reader.go_saying(&next, &flash::done("admin.saved_draft", &[])))
        }
        Err(Error::Problems(problems)) => {
            let page = shown(open, &base, &whole, problems);
            answer(&reader, &draft, (kind, &path.name), &whole, page).await
        }
        Err(other) => Err(other.into()),
    }
}

/// What the page shows beside the definition.
#[derive(Default)]
struct Shown {
    carried: Carried,
    open: String,
    problems: Problems,
    texts: BTreeMap<String, String>,
    sent: Option<Form>,
}

/// The innermost item of a list in which a problem is.
pub fn item_of(path: &str) -> Option<String> {
    let mut here = path;
    loop {
        let key = here.rsplit('/').next().unwrap_or_default();
        if key.parse::<usize>().is_ok() {
            return Some(here.to_owned());
        }
        here = here.rsplit_once('/')?.0;
    }
}

async fn answer(
    reader: &Reader,
    draft: &Draft<'_>,
    (kind, name): (DefinitionKind, &str),
    whole: &Json,
    shown: Shown,
) -> Result<Response, Failure> {
    let reading = reader.reading();
    let root = Node::of_kind(kind).ok_or_else(Failure::not_found)?;
    let model = drafts::model(&reader.session).await?;
    let layers = reader.session.workspace.layers();
    let id = (kind, name.to_owned());
    let lower: Vec<(String, DefinitionSet)> = layers
        .sets
        .iter()
        .filter(|(layer, _)| layer != WORKSPACE)
        .map(|(layer, set)| {
            let own = set.get_key_value(&id).map(|(id, json)| (id.clone(), json.clone()));
            (layer.clone(), own.into_iter().collect())
        })
        .collect();
    let below = layers.below(&id);
    let open = shown.problems.iter().find_map(|problem| item_of(&problem.path)).unwrap_or(shown.open);
    let known = Known { reading: &reading, draft, model: &model, kind, whole };
    let drawing = draw::Drawing {
        known: &known,
        root,
        name,
        below: below.as_ref(),
        layers: &lower,
        open: &open,
        sent: shown.sent.as_ref(),
        texts: &shown.texts,
        problems: &shown.problems,
    };
    let fields = drawing.fields();
    let is_new = name == NEW && draft.definition(kind, name).is_none();
    let state = if is_new { DraftState::Same } else { draft.state(kind, name) };
    let is_own = below.is_none() && !is_new;
    let segments = address::segments(name);
    let page = ShapePage {
        at: Place { read: shown.carried.read, ..reader.visit.place() },
        shown: shown.carried.shown,
        kind: kind.to_string(),
        name: if is_new { String::new() } else { name.to_owned() },
        heading: if is_new { String::new() } else { reading.definition_title(kind, name, whole) },
        lead: reading.schema_text(root.text("description")),
        action: href(&reading, kind, name),
        tabs: tabs(&reading, kind, name, "form"),
        icons: if suggests_icons(&fields) { icon_names() } else { Vec::new() },
        draft: state,
        origin_href: if is_new { String::new() } else { super::origin::known_href(&reading, kind, name) },
        back_href: reading.admin_href(&format!("definitions/{kind}")),
        try_href: try_href(&reading, kind, name),
        remove_action: if is_own && definitions::origin(&reader.session, kind, name, "").is_some() {
            reading.admin_href(&format!("removal/{kind}/{segments}"))
        } else {
            String::new()
        },
        discard_action: if state == DraftState::Same {
            String::new()
        } else {
            reading.admin_href(&format!("discard/{kind}/{segments}"))
        },
        problems: problems::problem_lines(&drawing, &fields),
        open,
        fields,
        ..ShapePage::default()
    };
    let draw = reader.draw().below(reading.t(&format!("definition.{kind}.plural")), page.back_href.clone());
    if shown.problems.is_empty() { draw.view(&page).await } else { draw.refused().view(&page).await }
}

pub fn suggests_icons(fields: &[ShapeField]) -> bool {
    fields.iter().any(|field| {
        field.suggest == "icons"
            || suggests_icons(&field.fields)
            || field.items.iter().any(|item| suggests_icons(&item.fields))
    })
}

/// Where the published definition is at work.
fn try_href(reading: &Reading<'_>, kind: DefinitionKind, name: &str) -> String {
    if reading.session.model.definition(kind, name).is_none() {
        return String::new();
    }
    let base = &reading.visit.base;
    match kind {
        DefinitionKind::Dashboard => format!("{base}/dashboards/{}", address::segment(name)),
        DefinitionKind::Metric => format!("{base}/metrics/{}", address::segment(name)),
        DefinitionKind::Snapshot => format!("{base}/snapshots/{}", address::segment(name)),
        DefinitionKind::Report => format!("{base}/reports/{}", address::segment(name)),
        DefinitionKind::Setting => reading.admin_href("settings"),
        _ => String::new(),
    }
}

/// `GET admin/documentation/{kind}`.
pub async fn show_documentation(
    reader: Reader,
    Path(word): Path<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    demand_admin(&reader.session, definitions::DESIGN)?;
    let kind = kind_of(word.get("kind").map(String::as_str).unwrap_or_default())?;
    let root = Node::of_kind(kind).ok_or_else(Failure::not_found)?;
    let reading = reader.reading();
    let written: Vec<(&str, &Json)> = reader.session.model.definitions_of(kind).collect();
    let given = root.keyword("examples").and_then(Json::as_array).and_then(|list| list.first());
    let shortest = written.iter().min_by_key(|(_, json)| json.to_string().len());
    let (example, example_of) = match (given, shortest) {
        (None, Some((name, json))) => {
            let title = reading.definition_title(kind, name, json);
            (Some(*json), Link::new(designer_href(&reading, kind, name), title, ""))
        }
        (given, _) => (given, Link::default()),
    };
    let samples = given.into_iter().chain(written.iter().map(|(_, json)| *json)).collect();
    let page = DocumentationPage {
        at: reader.visit.place(),
        kind: kind.to_string(),
        lead: reading.schema_text(root.text("description")),
        kinds: DefinitionKind::ALL
            .into_iter()
            .filter(|one| Node::of_kind(*one).is_some())
            .map(|one| Tab {
                href: documentation_href(&reading, one),
                title: reading.t(&format!("definition.{one}.one")),
                count: String::new(),
                current: one == kind,
            })
            .collect(),
        parts: document::parts(&reading, kind, root, samples),
        example: match example.and_then(|json| json.get("source")).and_then(Json::as_str) {
            Some(source) => source.to_owned(),
            None => {
                example.map(|json| serde_json::to_string_pretty(json).unwrap_or_default()).unwrap_or_default()
            }
        },
        example_of,
    };
    let back = reading.admin_href(&format!("definitions/{kind}"));
    reader.draw().below(reading.t(&format!("definition.{kind}.plural")), back).view(&page).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_item_of_a_problem_is_the_innermost() {
        assert_eq!(item_of("/menu/0/items/2/entity").as_deref(), Some("/menu/0/items/2"));
        assert_eq!(item_of("/tiles/1").as_deref(), Some("/tiles/1"));
        assert_eq!(item_of("/title"), None);
    }
}
