//! `pack list|install|upgrade|remove`.

use std::path::Path;

use kontor_core::Session;
use kontor_core::definitions::folder::FolderError;
use kontor_core::definitions::packs::{self, Choices, PackChange, PackPlan};
use kontor_core::pack::Pack as PackFolder;
use kontor_model::Json;
use kontor_model::layer::{MergeState, MergedValue, Side};
use kontor_model::words::shortened;

use crate::arguments::{Bring, Pack};
use crate::config::Config;
use crate::failure::Failure;
use crate::open;

/// Runs a command about packs.
///
/// # Errors
/// When the workspace cannot be opened; what is wrong with the pack.
pub async fn run(config: &Config, command: Pack) -> Result<(), Failure> {
    let workspace = open::existing(config, &config.workspace).await?;
    let session = open::operator(&workspace);
    let done = match command {
        Pack::List => list(&session).await,
        Pack::Install(arguments) => bring(&session, arguments, true).await,
        Pack::Upgrade(arguments) => bring(&session, arguments, false).await,
        Pack::Remove { name, dry_run, json, prune, accept_loss } => {
            let change = PackChange::Remove { name: name.clone(), prune };
            let done = carry_out(&session, change, dry_run, json, accept_loss).await;
            done.map_err(|failure| if failure.is_not_found() { not_installed(&name) } else { failure })
        }
    };
    workspace.store.close().await;
    done
}

async fn list(session: &Session) -> Result<(), Failure> {
    for pack in packs::list(session)? {
        let title = pack.body.get("title").and_then(Json::as_str).unwrap_or_default();
        say!("{}\t{}\t{title}", pack.name, pack.version);
    }
    for one in packs::available(session).await? {
        let (name, version) = (one.pack.name(), one.pack.version());
        match one.installed {
            None => say!("  to install: {name}\t{version}"),
            Some(installed) if one.is_older => say!("  older than {installed}: {name}\t{version}"),
            Some(installed) => say!("  to upgrade: {name}\t{installed} -> {version}"),
        }
    }
    Ok(())
}

async fn bring(session: &Session, arguments: Bring, is_new: bool) -> Result<(), Failure> {
    let path = Path::new(&arguments.pack);
    if arguments.offer {
        let pack = packs::offer(session, path).await?;
        say!("{} {} waits on the packs page", pack.name(), pack.version());
        return Ok(());
    }
    let pack = find(session, path, &arguments.pack).await?;
    let installed = packs::list(session)?.into_iter().find(|row| row.name == pack.name());
    match installed {
        Some(row) if is_new => {
            return Err(Failure::new(format!(
                "the pack `{}` is installed in version {}: use `kontor pack upgrade`",
                row.name, row.version
            )));
        }
        None if !is_new => return Err(not_installed(pack.name())),
        Some(row) if packs::is_older(pack.version(), &row.version) && !arguments.downgrade => {
            return Err(Failure::new(format!(
                "version {} of the pack `{}` is older than {}, which is installed: confirm with --downgrade",
                pack.version(),
                row.name,
                row.version
            )));
        }
        _ => {}
    }
    let sides = arguments.theirs.iter().map(|place| (place, Side::Theirs));
    let sides = sides.chain(arguments.ours.iter().map(|place| (place, Side::Ours)));
    let choices = Choices {
        by_place: sides.map(|(place, side)| (place.clone(), side)).collect(),
        conflicts: arguments.all_theirs.then_some(Side::Theirs),
    };
    let change = PackChange::Bring { pack: Box::new(pack), choices };
    carry_out(session, change, arguments.dry_run, arguments.json, arguments.accept_loss).await
}

async fn find(session: &Session, path: &Path, name: &str) -> Result<PackFolder, Failure> {
    if path.is_dir() {
        return Ok(packs::read_folder(path)?);
    }
    packs::find(session, name).await.map_err(|_| {
        Failure::new(format!(
            "`{name}` is no folder, and no pack of that name comes with the program or was offered"
        ))
    })
}

fn not_installed(name: &str) -> Failure {
    Failure::new(format!(
        "there is no pack `{name}` in this workspace; `kontor pack list` names those that there are"
    ))
}

async fn carry_out(
    session: &Session,
    change: PackChange,
    dry_run: bool,
    json: bool,
    accept_loss: bool,
) -> Result<(), Failure> {
    let plan = packs::plan(session, change.clone()).await?;
    unknown_places(&change, &plan)?;
    if dry_run && json {
        say!("{:#}", plan.to_json(&open::english()));
    } else {
        print(&plan);
    }
    if dry_run {
        return if plan.plan.is_refused() { Err(Failure::new("this is refused as it is")) } else { Ok(()) };
    }
    if plan.is_empty() {
        say!("nothing to do: the workspace has this pack as it is");
        return Ok(());
    }
    match packs::apply(session, change, accept_loss).await {
        Ok(version) => say!("published as version {version}"),
        Err(FolderError::Failed(kontor_core::Error::LossNotAccepted)) => {
            return Err(Failure::new(
                "values leave the records with this; look with --dry-run, confirm with --accept-loss",
            ));
        }
        Err(error) => {
            let failure = Failure::from(error);
            return Err(if matches!(plan.act, packs::Act::Remove) && plan.plan.is_refused() {
                failure.adding("what of the workspace needs the pack can go with it: --prune")
            } else {
                failure
            });
        }
    }
    Ok(())
}

/// A place that was chosen and that no plan names is a slip of the pen.
fn unknown_places(change: &PackChange, plan: &PackPlan) -> Result<(), Failure> {
    let PackChange::Bring { choices, .. } = change else { return Ok(()) };
    let known: Vec<String> = plan
        .merged
        .iter()
        .flat_map(|one| one.values.iter().map(|value| Choices::name(&one.id, &value.place)))
        .collect();
    match choices.by_place.keys().find(|place| !known.contains(place)) {
        Some(place) => Err(Failure::usage(format!("no value differs at {place}; look with --dry-run"))),
        None => Ok(()),
    }
}

fn print(plan: &PackPlan) {
    let version = |version: &Option<String>| version.clone().unwrap_or_else(|| "-".to_owned());
    say!("{} ({}): {} -> {}", plan.title, plan.name, version(&plan.from), version(&plan.to));
    for state in [MergeState::Conflict, MergeState::Kept, MergeState::Taken] {
        let count = plan.count(state);
        if count == 0 {
            continue;
        }
        say!("{} {}", count, state.as_str());
        for one in &plan.merged {
            for value in one.values.iter().filter(|value| value.state == state) {
                say!("  {}{}", Choices::name(&one.id, &value.place), told(value));
            }
        }
    }
    for (words, list) in [
        ("goes aside", &plan.aside),
        ("comes back", &plan.back),
        ("stays aside, it would be broken", &plan.left),
    ] {
        for (kind, name) in list {
            say!("{words}: {kind} {name}");
        }
    }
    super::plan::print(&plan.plan);
}

fn told(value: &MergedValue) -> String {
    let short =
        |json: Option<&Json>| json.map_or_else(|| "nothing".to_owned(), |json| shortened(&json.to_string()));
    match value.state {
        MergeState::Taken => {
            format!(": {} -> {}", short(value.before.as_ref()), short(value.theirs.as_ref()))
        }
        MergeState::Kept => format!(": {}", short(value.ours.as_ref())),
        MergeState::Conflict => format!(
            ": the pack says {}, the workspace {}; used: {}",
            short(value.theirs.as_ref()),
            short(value.ours.as_ref()),
            value.side.as_str()
        ),
    }
}
