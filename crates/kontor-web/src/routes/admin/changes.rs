//! `admin/changes`: what the draft would change, publishing it, throwing it away.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::definitions::change_sets::Ended;
use kontor_core::definitions::promotion::Reached;
use kontor_core::definitions::{
    Outcome, change_sets, drafts, moved, offers, online, places, promotion, renames, version_title, versions,
};
use kontor_core::{Error, Session};
use kontor_model::definition::DefinitionKind;
use kontor_model::diff::Class;
use kontor_model::layer::Side;
use kontor_model::{Problem, Problems};
use kontor_view::page::admin::changes::ChangesPage;
use kontor_view::page::job::JobPage;
use kontor_view::page::part::{ActionButton, Link};
use serde::Deserialize;
use uuid::Uuid;

use super::discards;
use super::draft::Draft;
use crate::error::Failure;
use crate::extract::form::Form;
use crate::frame::address;
use crate::present::admin::{changes, conflict};
use crate::present::{flash, people};
use crate::visit::Reader;

/// Versions below the draft.
const NEWEST: usize = 10;

#[derive(Deserialize)]
pub struct ChangePath {
    id: String,
}

impl ChangePath {
    pub(super) fn id(&self) -> Result<Uuid, Failure> {
        Uuid::parse_str(&self.id).map_err(|_| Failure::not_found())
    }
}

/// `GET admin/changes`.
pub async fn show_changes(reader: Reader) -> Result<Response, Failure> {
    draw(&reader, None, &Problems::new(), "").await
}

/// `GET admin/changes/{id}`: any open change set.
pub async fn show_set(reader: Reader, Path(path): Path<ChangePath>) -> Result<Response, Failure> {
    draw(&reader, Some(path.id()?), &Problems::new(), "").await
}

/// Where a change set is looked at.
async fn home(reader: &Reader, id: Uuid) -> Result<String, Failure> {
    let is_own = drafts::find_own(&reader.session).await?.is_none_or(|own| own == id);
    let path = if is_own { "changes".to_owned() } else { format!("changes/{id}") };
    Ok(reader.reading().admin_href(&path))
}

/// `POST admin/changes/{id}/publish`: `title`, `accept_loss`.
pub async fn publish(reader: Reader, Path(path): Path<ChangePath>, sent: Form) -> Result<Response, Failure> {
    let id = path.id()?;
    let session = &reader.session;
    let before = session.model.version;
    let done = named_and_published(session, id, &sent).await;
    if matches!(done, Err(Error::NotFound | Error::DefinitionMoved { .. }))
        && let Some(ended) = change_sets::ended(session, id).await?
    {
        return Ok(already(&reader, ended));
    }
    match done {
        Ok(Outcome::Began(id)) => {
            let href = reader.reading().admin_href(&format!("publications/{id}"));
            Ok(reader.go(&href))
        }
        Ok(Outcome::Published(version)) => {
            let reading = reader.reading();
            let said = flash::done("changes.published", &[("n", &version.to_string())]);
            let said = if before > 0 {
                said.with_undo(reading.admin_href(&format!("versions/{before}/restore")))
            } else {
                said
            };
            Ok(reader.go_saying(&reading.admin_href("changes"), &said))
        }
        Err(Error::Problems(problems)) => draw(&reader, Some(id), &problems, "").await,
        Err(Error::LossNotAccepted) => {
            draw(&reader, Some(id), &Problem::at_field("loss_not_accepted", "accept").into(), "").await
        }
        Err(Error::DefinitionMoved { .. }) => {
            draw(&reader, Some(id), &Problems::new(), &reader.visit.words().t("error.409.text")).await
        }
        Err(other) => Err(other.into()),
    }
}

async fn named_and_published(session: &Session, id: Uuid, sent: &Form) -> kontor_core::Result<Outcome> {
    if !sent.text("title").is_empty() {
        change_sets::rename(session, id, sent.text("title")).await?;
    }
    change_sets::publish_or_begin(session, id, sent.text("accept_loss") == "1").await
}

/// A button that was pressed twice: the first time did it.
fn already(reader: &Reader, ended: Ended) -> Response {
    let reading = reader.reading();
    match ended {
        Ended::Published(version) => {
            let said = flash::done("changes.published_already", &[("n", &version.to_string())]);
            reader.go_saying(&reading.admin_href("changes"), &said)
        }
        Ended::Publishing(publication) => {
            reader.go(&reading.admin_href(&format!("publications/{publication}")))
        }
    }
}

/// `POST admin/changes/{id}/options`: `field` is `entity/field`.
pub async fn add_options(
    reader: Reader,
    Path(path): Path<ChangePath>,
    sent: Form,
) -> Result<Response, Failure> {
    let (entity, field) = sent.text("field").split_once('/').ok_or_else(Failure::not_found)?;
    let id = path.id()?;
    match offers::options_from_values(&reader.session, id, entity, field).await {
        Ok(_) => Ok(reader.go_saying(&home(&reader, id).await?, &flash::done("admin.saved_draft", &[]))),
        Err(Error::Problems(problems)) => draw(&reader, Some(id), &problems, "").await,
        Err(other) => Err(other.into()),
    }
}

/// `POST admin/changes/{id}/keep`: `_keep` or `_take` is `kind/name`; `next` is where to go.
pub async fn settle(reader: Reader, Path(path): Path<ChangePath>, sent: Form) -> Result<Response, Failure> {
    let (named, side) = match sent.get("_take") {
        Some(named) => (named, Side::Theirs),
        None => (sent.text("_keep"), Side::Ours),
    };
    let (kind, name) = named.split_once('/').ok_or_else(Failure::not_found)?;
    let kind: DefinitionKind = kind.parse().map_err(|_| Failure::not_found())?;
    let id = path.id()?;
    moved::settle(&reader.session, id, kind, name, side).await?;
    let home = home(&reader, id).await?;
    let next = address::own_path_or(sent.text("next"), &home);
    Ok(reader.go_saying(next, &flash::done("changes.settled", &[])))
}

/// `GET admin/publications/{id}`.
pub async fn show_publication(reader: Reader, Path(path): Path<ChangePath>) -> Result<Response, Failure> {
    let progress = online::progress(&reader.session, path.id()?).await?;
    let reading = reader.reading();
    let row = &progress.row;
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let mut page = JobPage {
        at: reader.visit.place(),
        title: reading
            .words()
            .with("changes.publication", &[("title", &version_title(&reader.session.catalogue, &row.title))]),
        state: row.state.clone(),
        done: count(progress.done),
        total: count(progress.total),
        note: reading.format.when(row.created_at).text,
        failure: row.error.clone().unwrap_or_default(),
        ..JobPage::default()
    };
    if row.state == "running" {
        page.lines.push(reading.t("changes.publication_text"));
        page.actions.push(ActionButton {
            action: reading.admin_href(&format!("publications/{}/cancel", row.id)),
            title: reading.t("changes.publication_cancel"),
            ..ActionButton::default()
        });
    }
    page.links.push(Link::new(reading.admin_href("changes"), reading.t("changes.title"), "git-compare"));
    reader.draw().below(reading.t("changes.title"), reading.admin_href("changes")).view(&page).await
}

/// `POST admin/publications/{id}/cancel`.
pub async fn cancel_publication(
    reader: Reader,
    Path(path): Path<ChangePath>,
    _sent: Form,
) -> Result<Response, Failure> {
    let id = path.id()?;
    online::cancel(&reader.session, id).await?;
    Ok(reader.go(&reader.reading().admin_href(&format!("publications/{id}"))))
}

/// `POST admin/changes/{id}/follow`: whatever names what the draft renames follows.
pub async fn follow(reader: Reader, Path(path): Path<ChangePath>, _sent: Form) -> Result<Response, Failure> {
    let id = path.id()?;
    let followed = renames::follow(&reader.session, id).await?;
    let said = flash::done("changes.followed", &[("count", &followed.changed.len().to_string())]);
    Ok(reader.go_saying(&home(&reader, id).await?, &said))
}

/// `POST admin/changes/{id}/rehearse`: on a copy that is removed again.
pub async fn rehearse(
    reader: Reader,
    Path(path): Path<ChangePath>,
    _sent: Form,
) -> Result<Response, Failure> {
    let id = path.id()?;
    let rehearsal = promotion::rehearse_set(&reader.session, id).await?;
    let words = reader.visit.words();
    let told = Told {
        sound: rehearsal.is_sound(),
        text: words.with(
            match rehearsal.reached {
                Reached::File => "changes.rehearsed_without_copy",
                Reached::Copy => "changes.rehearsed_refused",
                Reached::Published => "changes.rehearsed_text",
            },
            &[("copy", &rehearsal.copy_ms.to_string()), ("publish", &rehearsal.publish_ms.to_string())],
        ),
    };
    draw_told(&reader, Some(id), &rehearsal.problems, "", Some(told)).await
}

/// What came of a rehearsal, for the page.
struct Told {
    sound: bool,
    text: String,
}

/// `POST admin/changes/{id}/discard`: `_discard` is `kind/name#pointer` for one place, `kind/name` for all of a
/// definition, or `all`, which is asked about
/// first (`confirm=1`).
pub async fn discard(reader: Reader, Path(path): Path<ChangePath>, sent: Form) -> Result<Response, Failure> {
    let id = path.id()?;
    if sent.text("_discard") == "all" {
        return match sent.text("confirm") {
            "1" => discards::discard_all(&reader, &path).await,
            _ => discards::draw(&reader, &path).await,
        };
    }
    let session = &reader.session;
    let (place, pointer) = match sent.text("_discard").split_once('#') {
        Some((place, pointer)) => (place, Some(pointer)),
        None => (sent.text("_discard"), None),
    };
    let done = match (place.split_once('/'), pointer) {
        (Some((kind, name)), pointer) => {
            let kind: DefinitionKind = kind.parse().map_err(|_| Failure::not_found())?;
            match pointer {
                Some(pointer) => places::put_back(session, id, kind, name, pointer).await,
                None => change_sets::discard(session, id, kind, name).await,
            }
        }
        (None, _) => return Err(Failure::not_found()),
    };
    match done {
        Ok(()) => {
            let home = match change_sets::get(session, id).await {
                Ok(_) => home(&reader, id).await?,
                Err(_) => reader.reading().admin_href("changes"),
            };
            Ok(reader.go_saying(&home, &flash::done("changes.discarded", &[])))
        }
        Err(Error::Problems(problems)) => {
            draw(&reader, Some(id), &problems, &reader.visit.words().t("changes.needed")).await
        }
        Err(other) => Err(other.into()),
    }
}

/// The page of a change set; of the reader's own draft when none is named.
pub(super) async fn draw(
    reader: &Reader,
    id: Option<Uuid>,
    problems: &Problems,
    said: &str,
) -> Result<Response, Failure> {
    draw_told(reader, id, problems, said, None).await
}

async fn draw_told(
    reader: &Reader,
    id: Option<Uuid>,
    problems: &Problems,
    said: &str,
    told: Option<Told>,
) -> Result<Response, Failure> {
    let session = &reader.session;
    let draft = match id {
        Some(id) => Draft::of(session, id).await?,
        None => Draft::open(session).await?,
    };
    let reading = reader.reading();
    let mut lines = reading.problem_lines(problems, "c-");
    if !said.is_empty() {
        lines.push(kontor_view::page::part::ProblemLine { message: said.to_owned(), ..Default::default() });
    }
    let mut page =
        ChangesPage { at: reader.visit.place(), title: draft.title.clone(), ..ChangesPage::default() };
    whose(reader, &draft, &mut page).await?;
    if let Some(id) = draft.id.filter(|_| !draft.changes.is_empty()) {
        page.id = id.to_string();
        let below = |path: &str| reading.admin_href(&format!("changes/{id}/{path}"));
        page.publish_action = below("publish");
        page.rehearse_action = below("rehearse");
        page.download_href = below("file");
        page.keep_action = below("keep");
        page.options_action = below("options");
        let (set, _) = change_sets::get(session, id).await?;
        for one in moved::of(session, &set, &draft.changes).await? {
            page.conflicts.push(conflict::card(&reading, &draft, &one).await);
        }
        match change_sets::plan_on_top(session, id).await {
            Ok(plan) => {
                page.changes = changes::cards(&reading, &draft, &plan);
                page.impact = changes::impact(&reading, &draft, &plan);
                let of_class =
                    |class: Class| page.changes.iter().filter(|card| card.class == class.as_str()).count();
                (page.lossy, page.refused) = (of_class(Class::Lossy), of_class(Class::Refused));
                let renames = plan.changes.iter().any(|one| one.change.what.ends_with("_renamed"));
                if renames && renames::left_behind(session, id).await? > 0 {
                    page.follow_action = below("follow");
                }
                page.sql = plan.sql;
            }
            Err(Error::Problems(wrong)) => lines.extend(reading.problem_lines(&wrong, "")),
            Err(other) => return Err(other.into()),
        }
        if !page.conflicts.is_empty() {
            // What is in conflict is rehearsed when it is settled.
            page.rehearse_action.clear();
        }
    }
    if page.id.is_empty() {
        page.carry_action = reading.admin_href("changes/files");
    }
    let is_told = told.is_some();
    if let Some(told) = told {
        page.rehearsed = String::from(if told.sound { "sound" } else { "wrong" });
        page.rehearsed_text = told.text;
    }
    for progress in online::running(session).await? {
        let title = reading.words().with(
            "changes.publication",
            &[("title", &version_title(&session.catalogue, &progress.row.title))],
        );
        page.running.push(Link::new(
            reading.admin_href(&format!("publications/{}", progress.row.id)),
            title,
            "",
        ));
    }
    let all = versions::list(session).await?;
    page.versions = changes::version_lines(&reading, &all, NEWEST).await;
    page.all_versions_href = reading.admin_href("versions");
    let refused = !is_told && (!problems.is_empty() || !said.is_empty());
    page.problems = lines;
    if refused { reader.draw().refused().view(&page).await } else { reader.draw().view(&page).await }
}

/// Whose change set the page shows, and how many others are open.
async fn whose(reader: &Reader, draft: &Draft<'_>, page: &mut ChangesPage) -> Result<(), Failure> {
    let session = &reader.session;
    let reading = reader.reading();
    let mut others = 0;
    for set in change_sets::open(session).await? {
        if draft.id != Some(set.id) {
            // An empty draft is none.
            let is_empty_draft =
                drafts::is_own(session, &set) && change_sets::get(session, set.id).await?.1.is_empty();
            others += usize::from(!is_empty_draft);
            continue;
        }
        if !draft.changes.is_empty() || !drafts::is_own(session, &set) {
            page.discard_action = reading.admin_href(&format!("changes/{}/discard", set.id));
        }
        if !drafts::is_own(session, &set) {
            let names = people::names(session, set.author.into_iter()).await;
            page.whose = match set.author.and_then(|id| names.get(&id)) {
                Some(name) => reading.words().with("changes.of_whom", &[("name", name)]),
                None => reading.t("changes.of_nobody"),
            };
            page.take_action = reading.admin_href(&format!("changes/{}/take", set.id));
        }
    }
    if let Some(taken) = drafts::taken(session).await? {
        let names = people::names(session, std::iter::once(taken.by)).await;
        let name = names.get(&taken.by).cloned().unwrap_or_else(|| reading.t("history.by_system"));
        let when = reading.format.when(taken.at).text;
        page.taken = reading.words().with("changes.taken", &[("name", &name), ("when", &when)]);
        page.taken_href = reading.admin_href(&format!("changes/{}", taken.set));
    }
    page.others = others;
    if others > 0 {
        page.others_href = reading.admin_href("changes/open");
    }
    Ok(())
}
