//! `parallel`: several ways at once, each a run of its own; it goes on when all of them have come to their end.
//! `{ "do": "parallel", "branches": [ { "title": "…", "steps": […] } ] }`.

use std::collections::BTreeMap;

use kontor_model::Json;

use super::{Step, read_list};
use crate::answers::Answers;
use crate::read::Reader;
use crate::value::Names;

/// Goes several ways at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Parallel {
    /// The ways.
    pub ways: Vec<Way>,
}

/// One of the ways.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    /// Its steps.
    pub steps: Vec<Step>,
    /// The steps as they are written: the run of the way keeps them.
    pub written: Json,
}

pub(super) fn read(reader: &mut Reader<'_>, names: &Names<'_>) -> Option<Parallel> {
    let Some(list) = reader.member("branches").and_then(Json::as_array) else {
        reader.missing("branches");
        return None;
    };
    let mut ways = Vec::with_capacity(list.len());
    for (index, item) in list.iter().enumerate() {
        let at = format!("{}/branches/{index}/steps", reader.at);
        // A way is a run of its own: it knows nothing of the records that this one named, nor of what it was answered.
        let entity = names.entity.and_then(|entity| names.plain.entity(&entity.name)).map(AsRef::as_ref);
        let asked = Answers::read(names.workflow, (item.get("steps"), &at), entity, names.plain);
        let asked = match asked {
            Ok(asked) => asked,
            Err(problems) => {
                reader.problems.0.extend(problems.0);
                continue;
            }
        };
        let model = asked.model(names.plain);
        let entity = entity.and_then(|entity| model.entity(&entity.name)).map(AsRef::as_ref);
        let mut own = Names {
            workflow: names.workflow,
            plain: names.plain,
            model,
            entity,
            known: BTreeMap::new(),
            in_bin: names.in_bin,
        };
        let steps = read_list(item.get("steps"), &at, &mut own, &mut reader.problems);
        ways.push(Way {
            steps,
            written: item.get("steps").cloned().unwrap_or_else(|| Json::Array(Vec::new())),
        });
    }
    Some(Parallel { ways })
}
