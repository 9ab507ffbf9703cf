//! What is wrong with a folder once it lies on its layers: told by file and by the place in it as it is written, each fault
//! once, and what only follows from another one as such.

use std::sync::Arc;

use kontor_model::definition::DefinitionKind;
use kontor_model::layer::{Place, effective};
use kontor_model::model::Broken;
use kontor_model::{Json, Problem};

use super::FolderError;
use crate::definitions::candidate::is_consequence;
use crate::definitions::layers::Layers;
use crate::definitions::script_check;
use crate::pack::{FileProblem, Pack};

/// The code of a problem that is none of its own.
const FOLLOWS: &str = "follows";

/// By file; each place and reason once.
pub fn in_order(wrong: &mut Vec<FileProblem>) {
    // What only follows from the rest comes last.
    let place = |one: &FileProblem| {
        let follows = one.problem.code == FOLLOWS;
        (follows, one.file.clone(), one.problem.line, one.problem.path.clone(), one.problem.code.clone())
    };
    wrong.sort_by_cached_key(place);
    wrong.dedup_by(|left, right| {
        left.file == right.file
            && left.problem.path == right.problem.path
            && left.problem.code == right.problem.code
    });
}

/// Reports what is broken once the folder lies on its layers, apart from what was broken before.
pub fn report(pack: &Pack, layers: &Layers, before: &[Broken]) -> Result<(), FolderError> {
    let mut wrong = broken_files(pack, layers, before, &[]);
    in_order(&mut wrong);
    if wrong.is_empty() { Ok(()) } else { Err(FolderError::Wrong(wrong)) }
}

/// The definition that a file would hold if it could be read: others look for it in vain.
pub fn unread(one: &FileProblem) -> Option<Broken> {
    let (folder, file) = one.file.strip_prefix("schemas/")?.split_once('/')?;
    let kind = DefinitionKind::ALL.into_iter().find(|kind| kind.folder() == folder)?;
    Some(Broken { id: (kind, file.strip_suffix(".json")?.to_owned()), problems: one.problem.clone().into() })
}

/// What is broken, by file; `unread` is what is told of the files by themselves.
pub fn broken_files(pack: &Pack, layers: &Layers, before: &[Broken], unread: &[Broken]) -> Vec<FileProblem> {
    let model = layers.compile();
    let merged = effective(&layers.sets).0;
    let runner = kontor_script::InPlace::new();
    let mut wrong = Vec::new();
    for broken in &model.broken {
        if before.iter().any(|known| known.id == broken.id && known.problems == broken.problems) {
            continue;
        }
        let file = pack.files.get(&broken.id).cloned();
        let file = file.unwrap_or_else(|| format!("{}/{}", broken.id.0, broken.id.1));
        let others = model.broken.iter().chain(unread).filter(|other| other.id != broken.id);
        let others: Vec<&Broken> = others.collect();
        let (follows, own): (Vec<&Problem>, Vec<&Problem>) =
            broken.problems.iter().partition(|problem| is_consequence(problem, &others));
        let both = merged.get(&broken.id).zip(pack.definitions.get(&broken.id));
        let told: Vec<&Problem> =
            unread.iter().filter(|one| one.id == broken.id).flat_map(|one| one.problems.iter()).collect();
        for problem in own {
            let mut problem = problem.clone();
            if let Some(path) = both.and_then(|(merged, file)| as_written(merged, file, &problem.path)) {
                problem.path = path;
            }
            if !is_told(&problem, &told) {
                wrong.push(FileProblem { file: file.clone(), problem });
            }
        }
        let mut causes: Vec<&str> = Vec::new();
        for other in &others {
            let is_cause = follows.iter().any(|problem| is_consequence(problem, &[*other]));
            if is_cause && !causes.contains(&other.id.1.as_str()) {
                causes.push(&other.id.1);
            }
        }
        if !causes.is_empty() {
            let problem = Problem::new(FOLLOWS, "").with("causes", causes.join(", "));
            wrong.push(FileProblem { file, problem });
        }
    }
    let model = Arc::new(model);
    let refused: Vec<&Broken> = model.broken.iter().chain(unread).collect();
    for ((kind, name), body) in &pack.definitions {
        if *kind != DefinitionKind::Script || body.is_null() {
            continue;
        }
        let file = pack.files.get(&(*kind, name.clone())).cloned().unwrap_or_default();
        let source = body.get("source").and_then(Json::as_str).unwrap_or_default();
        let problems = script_check::of_own(&runner, name, source, &model);
        wrong.extend(
            problems
                .into_iter()
                .filter(|problem| !problem.warning && !is_consequence(problem, &refused))
                .map(|problem| FileProblem { file: file.clone(), problem }),
        );
    }
    wrong
}

/// The pointer into a file that refines what is below it, of a pointer into what comes of both; `None` when the file does
/// not say what stands there.
fn as_written(merged: &Json, file: &Json, pointer: &str) -> Option<String> {
    file.get("extends")?;
    let known = |pointer: &str| Place::of_pointer(merged, pointer)?.pointer_in(file);
    // What is missing is missing in something that is there; an item of a list that the file does not say is not.
    let is_list = |parent: &str| merged.pointer(parent).is_some_and(Json::is_array);
    known(pointer).or_else(|| {
        let (parent, key) =
            pointer.rsplit_once('/').filter(|(parent, _)| !parent.is_empty() && !is_list(parent))?;
        Some(format!("{}/{key}", known(parent)?))
    })
}

/// Whether the file by itself tells the same fault: in the same place, or as a key that stands where the one that is
/// missing should.
fn is_told(problem: &Problem, told: &[&Problem]) -> bool {
    let parent = |problem: &Problem| problem.path.rsplit_once('/').map(|(parent, _)| parent.to_owned());
    told.iter().any(|one| {
        let is_same = one.path == problem.path && one.code == problem.code;
        let is_misnamed =
            problem.code == "required" && one.code == "unknown_key" && parent(one) == parent(problem);
        is_same || is_misnamed
    })
}

#[cfg(test)]
mod tests {
    use kontor_model::Problem;
    use serde_json::json;

    use super::{as_written, is_told};

    #[test]
    fn places_are_told_as_the_file_has_them() {
        let merged = json!({ "columns": ["name", { "name": "beds" }, "owner"], "sort": ["name"] });
        let file = json!({ "extends": "accounts", "columns": [{ "name": "beds", "after": "name" }] });
        let written = |pointer: &str| as_written(&merged, &file, pointer);
        assert_eq!(written("/columns/1/name").as_deref(), Some("/columns/0/name"));
        assert_eq!(
            written("/columns/1/field").as_deref(),
            Some("/columns/0/field"),
            "missing, in what is there"
        );
        assert_eq!(written("/columns/2"), None, "it is below");
        assert_eq!(written("/sort/0"), None);
        assert_eq!(as_written(&merged, &merged, "/columns/1/name"), None, "no refinement");
    }

    #[test]
    fn a_misnamed_key_is_one_fault() {
        let told = Problem::new("unknown_key", "/columns/0/name");
        let is_told = |code: &'static str, path: &str| is_told(&Problem::new(code, path), &[&told]);
        assert!(is_told("unknown_key", "/columns/0/name") && is_told("required", "/columns/0/field"));
        assert!(!is_told("required", "/columns/1/field") && !is_told("wrong_type", "/columns/0/name"));
    }
}
