//! `own/{kind}/{name}`: reports and dashboards that people save for themselves and their team, at once and without a change
//! set, as the form that the meta-schema of their kind draws. What they may not read is not among what can be chosen.

use std::collections::BTreeMap;

use axum::extract::Path;
use axum::response::Response;
use kontor_core::rows::ChangeRow;
use kontor_core::saved::{self, Saving};
use kontor_core::{Error, Session, definitions, permissions};
use kontor_model::definition::DefinitionKind;
use kontor_model::{Json, Problem, Problems, name};
use kontor_view::field::OptionView;
use kontor_view::icon_names;
use kontor_view::page::admin::shape::ShapePage;
use kontor_view::page::part::{Link, Place};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::admin::as_read::{self, Carried};
use super::admin::draft::{Draft, text};
use super::admin::shape::{NEW, item_of, suggests_icons};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::admin::shape::node::Node;
use crate::present::admin::shape::{Known, acts, draw, naming, problems, read, values};
use crate::present::{Reading, flash};
use crate::visit::Reader;

#[derive(Deserialize)]
pub struct OwnPath {
    kind: String,
    name: String,
}

impl OwnPath {
    /// The kind, and what is changed; `None` for something new.
    fn find<'a>(&self, session: &'a Session) -> Result<(DefinitionKind, Option<&'a saved::Saved>), Failure> {
        let kind = kind_of(&self.kind).ok_or_else(Failure::not_found)?;
        if self.name == NEW {
            return Ok((kind, None));
        }
        let id = saved::id_of(&self.name).ok_or_else(Failure::not_found)?;
        Ok((kind, Some(saved::changeable(session, kind, id)?)))
    }
}

/// The kinds that are changed here; views have an editor of their own.
fn kind_of(word: &str) -> Option<DefinitionKind> {
    let kind = word.parse::<DefinitionKind>().ok()?;
    matches!(kind, DefinitionKind::Report | DefinitionKind::Dashboard).then_some(kind)
}

/// Where what somebody saved is shown.
pub fn shown_href(reading: &Reading<'_>, kind: DefinitionKind, name: &str) -> String {
    format!("{}/{kind}s/{}", reading.visit.base, address::segment(name))
}

/// Where it is changed, or something new is begun (`new`).
pub fn own_href(reading: &Reading<'_>, kind: DefinitionKind, name: &str) -> String {
    format!("{}/own/{kind}/{}", reading.visit.base, address::segment(name))
}

/// The links of a page that shows a report or a dashboard: changing one's own, or making one's own of it.
pub fn links(reading: &Reading<'_>, kind: DefinitionKind, name: &str) -> Vec<Link> {
    let session = reading.session;
    if session.portal.is_some() {
        return Vec::new();
    }
    let link = |href: String, key: &str, icon: &str| Link::new(href, reading.t(&format!("own.{key}")), icon);
    let copy = address::with_query(&own_href(reading, kind, NEW), [("from", name)]);
    let mut links = vec![link(copy, &format!("copy_{kind}"), "copy")];
    if let Some(saved) = saved::named(session, kind, name)
        && saved::may_change(session, saved)
    {
        links.insert(0, link(own_href(reading, kind, name), &format!("change_{kind}"), "pencil"));
    }
    links
}

/// Whose it is, in words, for lists.
pub fn whose(reading: &Reading<'_>, saved: &saved::Saved) -> String {
    reading.t(match saved.team {
        Some(_) if saved.owner == reading.session.actor.id => "views.mine_and_team",
        Some(_) => "views.team",
        None => "views.mine",
    })
}

/// `GET`; `?from=` begins with what another one says.
pub async fn show_own(reader: Reader, Path(path): Path<OwnPath>, query: Query) -> Result<Response, Failure> {
    let (kind, own) = path.find(&reader.session)?;
    let shown = match own {
        Some(saved) => saved.body.clone(),
        None => begun(&reader.session, kind, query.text("from"))?,
    };
    let page =
        Shown { carried: Carried::stored(&shown), open: query.text("at").to_owned(), ..Shown::default() };
    answer(&reader, (kind, own), &shown, page).await
}

/// What somebody begins with: nothing, or what another one says, with its name and its layers left out.
fn begun(session: &Session, kind: DefinitionKind, from: &str) -> Result<Json, Failure> {
    if from.is_empty() {
        return Ok(json!({}));
    }
    let found = saved::definition(session, kind, from).ok_or_else(Failure::not_found)?;
    if kind == DefinitionKind::Report {
        session.entity(text(found, "entity"))?;
    }
    let mut body = found.clone();
    if let Some(object) = body.as_object_mut() {
        for key in ["name", "extends"] {
            object.shift_remove(key);
        }
    }
    Ok(body)
}

/// `POST`: buttons change the page, `_save` saves.
pub async fn save_own(reader: Reader, Path(path): Path<OwnPath>, sent: Form) -> Result<Response, Failure> {
    let session = &reader.session;
    let (kind, own) = path.find(session)?;
    let reading = reader.reading();
    let root = Node::of_kind(kind).ok_or_else(Failure::not_found)?;
    let standing = own.map(|saved| saved.body.clone());
    let base = as_read::sent(&sent).or_else(|| standing.clone()).unwrap_or_else(|| json!({}));
    let drawn = as_read::unsaved(&sent).unwrap_or_else(|| base.clone());
    let draft = beside(session);
    let known = Known { reading: &reading, draft: &draft, model: &session.model, kind, whole: &drawn };
    let typed = read::read(&known, root, &sent);
    let mut whole = typed.whole;
    let shown = |open: String, read: &Json, whole: &Json, problems: Problems| Shown {
        carried: Carried::unsaved(read, whole),
        open,
        problems,
        texts: typed.texts.clone(),
        sent: Some(sent.clone()),
    };
    if let Some(open) = acts::act(root, &mut whole, None, &sent) {
        read::without_emptied(&mut whole);
        let page = shown(open, &base, &whole, typed.problems.clone());
        return answer(&reader, (kind, own), &whole, page).await;
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
    if text(&whole, "title").trim().is_empty() {
        let label = reading.schema_text("Title");
        wrong.push(Problem::at_field("required", "title").with("field", label));
    }
    let open = sent.text("_at").to_owned();
    if wrong.has_errors() {
        return answer(&reader, (kind, own), &whole, shown(open, &base, &whole, wrong)).await;
    }
    if let Some(standing) = standing.as_ref().filter(|standing| **standing != base) {
        // Somebody saved it meanwhile: what only one of both changed is joined, the rest is asked.
        match as_read::join(&base, standing, &whole) {
            Ok(joined) => whole = joined,
            Err((problems, joined)) => {
                let told = problems.into_iter().map(|one| {
                    let path = read::pointer_of(&joined, &one.path);
                    Problem { path, ..one }
                });
                let page = shown(open, standing, &joined, Problems(told.collect()));
                return answer(&reader, (kind, own), &joined, page).await;
            }
        }
    }
    let done = if sent.text("share") == "everyone" {
        return publish(&reader, (kind, own), whole, |whole, problems| shown(open, &base, whole, problems))
            .await;
    } else {
        let id = own.map(|saved| saved.id);
        saved::save(session, kind, Saving { id, body: whole.clone(), shared: sent.text("share") == "team" })
            .await
    };
    match done {
        Ok(id) => {
            let title = text(&whole, "title");
            let said = flash::done("own.saved", &[("title", title)]);
            Ok(reader.go_saying(&shown_href(&reading, kind, &saved::name_of(id)), &said))
        }
        Err(Error::Problems(problems)) => {
            answer(&reader, (kind, own), &whole, shown(open, &base, &whole, problems)).await
        }
        Err(other) => Err(other.into()),
    }
}

/// For everyone it is a definition: it goes into the open change set of who may design.
async fn publish(
    reader: &Reader,
    (kind, own): (DefinitionKind, Option<&saved::Saved>),
    mut whole: Json,
    shown: impl FnOnce(&Json, Problems) -> Shown,
) -> Result<Response, Failure> {
    permissions::demand_admin(&reader.session, definitions::DESIGN)?;
    let draft = Draft::open(&reader.session).await?;
    let name = name::derive(text(&whole, "title"), |name| {
        name == NEW || saved::id_of(name).is_some() || draft.definition(kind, name).is_some()
    });
    if let Some(object) = whole.as_object_mut() {
        object.insert("name".into(), name.clone().into());
    }
    match draft.put(kind, &name, whole.clone()).await {
        Ok(()) => {
            let href = super::admin::shape::href(&reader.reading(), kind, &name);
            Ok(reader.go_saying(&href, &flash::done("admin.saved_draft", &[])))
        }
        Err(Error::Problems(problems)) => {
            let page = shown(&whole, problems);
            answer(reader, (kind, own), &whole, page).await
        }
        Err(other) => Err(other.into()),
    }
}

/// `POST own/{kind}/{name}/deletion`.
pub async fn delete_own(reader: Reader, Path(path): Path<OwnPath>, _sent: Form) -> Result<Response, Failure> {
    let (kind, own) = path.find(&reader.session)?;
    let own = own.ok_or_else(Failure::not_found)?;
    let said = flash::done("own.deleted", &[("title", own.title())]);
    saved::delete(&reader.session, kind, own.id).await?;
    Ok(reader.go_saying(&format!("{}/reports", reader.visit.base), &said))
}

/// What is published, with what the reader saved beside it, so that the tiles of a dashboard can show that too.
fn beside(session: &Session) -> Draft<'_> {
    let own = [DefinitionKind::Report, DefinitionKind::View].into_iter();
    let changes = own.flat_map(|kind| saved::of_kind(session, kind)).map(|saved| ChangeRow {
        change_set: Uuid::nil(),
        kind: saved.kind.to_string(),
        name: saved.name(),
        body: Some(saved.body.clone()),
        base: None,
        at: session.now,
    });
    let mut draft = Draft::published(session);
    draft.changes = changes.collect();
    draft
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

async fn answer(
    reader: &Reader,
    (kind, own): (DefinitionKind, Option<&saved::Saved>),
    whole: &Json,
    shown: Shown,
) -> Result<Response, Failure> {
    let reading = reader.reading();
    let root = Node::of_kind(kind).ok_or_else(Failure::not_found)?;
    let draft = beside(&reader.session);
    let known = Known { reading: &reading, draft: &draft, model: &reader.session.model, kind, whole };
    let open = shown.problems.iter().find_map(|problem| item_of(&problem.path)).unwrap_or(shown.open);
    let name = own.map_or_else(|| NEW.to_owned(), saved::Saved::name);
    let drawing = draw::Drawing {
        known: &known,
        root,
        name: &name,
        below: None,
        layers: &[],
        open: &open,
        sent: shown.sent.as_ref(),
        texts: &shown.texts,
        problems: &shown.problems,
    };
    let mut fields = drawing.fields();
    fields.retain(|field| !matches!(field.at.as_str(), "/extends" | "/$schema"));
    let action = own_href(&reading, kind, &name);
    let list = format!("{}/reports", reading.visit.base);
    let shared = match &shown.sent {
        Some(sent) => sent.text("share") == "team",
        None => own.is_some_and(|saved| saved.team.is_some()),
    };
    let page = ShapePage {
        at: Place { read: shown.carried.read, ..reader.visit.place() },
        shown: shown.carried.shown,
        kind: kind.to_string(),
        heading: match own {
            Some(saved) => saved.title().to_owned(),
            None => reading.t(&format!("own.begin_{kind}")),
        },
        lead: reading.schema_text(root.text("description")),
        icons: if suggests_icons(&fields) { icon_names() } else { Vec::new() },
        back_href: own.map_or_else(|| list.clone(), |_| shown_href(&reading, kind, &name)),
        remove_action: if own.is_some() { format!("{action}/deletion") } else { String::new() },
        shares: shares(&reading, shared),
        action,
        problems: problems::problem_lines(&drawing, &fields),
        open,
        fields,
        ..ShapePage::default()
    };
    let draw = reader.draw().below(reading.t("reports.title"), list);
    if shown.problems.is_empty() { draw.view(&page).await } else { draw.refused().view(&page).await }
}

/// Who may see it: somebody without a team shares with none, and only who shapes the workspace makes it everybody's.
pub fn shares(reading: &Reading<'_>, shared: bool) -> Vec<OptionView> {
    let mut list = vec![OptionView::new("me", reading.t("views.share_me"), !shared)];
    if reading.session.actor.team.is_some() || shared {
        list.push(OptionView::new("team", reading.t("views.share_team"), shared));
    }
    if reading.may_design() {
        list.push(OptionView::new("everyone", reading.t("views.share_everyone"), false));
    }
    list
}
