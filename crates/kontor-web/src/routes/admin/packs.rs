//! `admin/packs`: the packs below the workspace; installing, upgrading and removing one, looked at first.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::Error;
use kontor_core::definitions::folder::FolderError;
use kontor_core::definitions::packs::{self, Choices, PackChange};
use kontor_core::pack::FileProblem;
use kontor_model::layer::Side;
use kontor_view::page::admin::packs::{PackChangePage, PacksPage};
use kontor_view::page::part::ProblemLine;
use serde::Deserialize;

use super::draft::Draft;
use crate::error::Failure;
use crate::extract::form::Form;
use crate::frame::address;
use crate::present::admin::packs as present;
use crate::present::flash;
use crate::visit::Reader;

/// What the name of an input that chooses a side begins with.
const USE: &str = "use:";

#[derive(Deserialize)]
pub struct PackPath {
    name: String,
}

/// `GET admin/packs`.
pub async fn list_packs(reader: Reader) -> Result<Response, Failure> {
    let session = &reader.session;
    let reading = reader.reading();
    let installed = packs::list(session)?;
    let available = packs::available(session).await?;
    let page = PacksPage {
        at: reader.visit.place(),
        installed: present::installed(&reading, &installed, &available),
        available: present::available(&reading, &available),
        own: session.workspace.layers().workspace().len().to_string(),
        own_href: reading.admin_href("definitions"),
    };
    reader.draw().view(&page).await
}

/// `GET admin/packs/{name}/change`: what installing or upgrading would do.
pub async fn show_change(reader: Reader, Path(path): Path<PackPath>) -> Result<Response, Failure> {
    let change = bring(&reader, &path.name, &Form::default()).await?;
    look(&reader, &path.name, change, "change", &[]).await
}

/// `POST admin/packs/{name}/change`.
pub async fn make_change(
    reader: Reader,
    Path(path): Path<PackPath>,
    sent: Form,
) -> Result<Response, Failure> {
    let change = bring(&reader, &path.name, &sent).await?;
    act(&reader, &path.name, change, "change", &sent).await
}

/// `GET admin/packs/{name}/removal`.
pub async fn ask_removal(reader: Reader, Path(path): Path<PackPath>) -> Result<Response, Failure> {
    let change = PackChange::Remove { name: path.name.clone(), prune: false };
    look(&reader, &path.name, change, "removal", &[]).await
}

/// `POST admin/packs/{name}/removal`.
pub async fn remove_pack(
    reader: Reader,
    Path(path): Path<PackPath>,
    sent: Form,
) -> Result<Response, Failure> {
    let change = PackChange::Remove { name: path.name.clone(), prune: sent.text("prune") == "1" };
    act(&reader, &path.name, change, "removal", &sent).await
}

async fn bring(reader: &Reader, name: &str, sent: &Form) -> Result<PackChange, Failure> {
    let pack = packs::find(&reader.session, name).await?;
    let mut choices = Choices::default();
    for place in sent.below(USE) {
        let side = match sent.text(&format!("{USE}{place}")) {
            "theirs" => Side::Theirs,
            "ours" => Side::Ours,
            _ => continue,
        };
        choices.by_place.insert(place.to_owned(), side);
    }
    Ok(PackChange::Bring { pack: Box::new(pack), choices })
}

async fn act(
    reader: &Reader,
    name: &str,
    change: PackChange,
    word: &str,
    sent: &Form,
) -> Result<Response, Failure> {
    if sent.text("do") != "publish" {
        return look(reader, name, change, word, &[]).await;
    }
    let before = reader.session.workspace.model().version;
    match packs::apply(&reader.session, change.clone(), sent.text("accept_loss") == "1").await {
        Ok(version) => {
            let reading = reader.reading();
            let said = flash::done("changes.published", &[("n", &version.to_string())])
                .with_undo(reading.admin_href(&format!("versions/{before}/restore")));
            Ok(reader.go_saying(&reading.admin_href("packs"), &said))
        }
        Err(FolderError::Failed(Error::LossNotAccepted)) => {
            let said = reader.visit.words().t("changes.accept_loss");
            look(reader, name, change, word, &[said]).await
        }
        Err(FolderError::Failed(Error::DefinitionMoved { .. })) => {
            let said = reader.visit.words().t("error.409.text");
            look(reader, name, change, word, &[said]).await
        }
        Err(FolderError::Failed(Error::Problems(_)) | FolderError::Wrong(_)) => {
            // The plan names each of them at its place.
            look(reader, name, change, word, &[String::new()]).await
        }
        Err(FolderError::Failed(other)) => Err(other.into()),
    }
}

/// The page. With something `said`, an act was refused.
async fn look(
    reader: &Reader,
    name: &str,
    change: PackChange,
    word: &str,
    said: &[String],
) -> Result<Response, Failure> {
    let reading = reader.reading();
    let prune = matches!(change, PackChange::Remove { prune: true, .. });
    let mut page = match packs::plan(&reader.session, change).await {
        Ok(plan) => {
            // What somebody drafts is not published with it.
            present::change(&reading, &Draft::published(&reader.session), plan)
        }
        Err(FolderError::Wrong(wrong)) => wrong_pack(reader, name, &wrong),
        Err(FolderError::Failed(Error::Problems(problems))) => {
            PackChangePage { problems: reading.problem_lines(&problems, ""), ..untold(reader, name, word) }
        }
        Err(FolderError::Failed(other)) => return Err(other.into()),
    };
    page.at = reader.visit.place();
    page.prune = prune;
    page.action = reading.admin_href(&format!("packs/{}/{word}", address::segment(name)));
    page.cancel_href = reading.admin_href("packs");
    page.problems.extend(
        said.iter()
            .filter(|line| !line.is_empty())
            .map(|line| ProblemLine { message: line.clone(), ..ProblemLine::default() }),
    );
    let draw = reader.draw().below(reading.t("packs.title"), reading.admin_href("packs"));
    if said.is_empty() { draw.view(&page).await } else { draw.refused().view(&page).await }
}

/// A page of which nothing can be planned.
fn untold(reader: &Reader, name: &str, word: &str) -> PackChangePage {
    let layers = reader.session.workspace.layers();
    let installed = layers.packs.iter().find(|pack| pack.name == name);
    let act = match (word, installed) {
        ("removal", _) => "remove",
        (_, Some(_)) => "upgrade",
        (_, None) => "install",
    };
    PackChangePage {
        act: act.to_owned(),
        title: name.to_owned(),
        from: installed.map(|pack| pack.version.clone()).unwrap_or_default(),
        ..PackChangePage::default()
    }
}

fn wrong_pack(reader: &Reader, name: &str, wrong: &[FileProblem]) -> PackChangePage {
    let reading = reader.reading();
    let problems = wrong
        .iter()
        .map(|one| ProblemLine {
            anchor: String::new(),
            label: format!("{} {}", one.file, one.problem.path),
            message: one.problem.message(&reading.labels),
            ..ProblemLine::default()
        })
        .collect();
    PackChangePage { problems, ..untold(reader, name, "change") }
}
