//! `parallel`: several ways at once, each a run of its own; it goes on when all of them have come to their end.
//! `{ "do": "parallel", "branches": [ { "title": "…", "steps": […] } ] }`.

use std::collections::BTreeMap;

use kontor_model::inputs::INPUT;
use kontor_model::{Json, Problems};

use super::{Step, read_list};
use crate::hanging;
use crate::names::Names;
use crate::read::Reader;

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
        let mut found = Problems::new();
        let hanging = hanging::of_way(names, item.get("steps"), &at, &mut found);
        if found.has_errors() {
            reader.problems.0.append(&mut found.0);
            continue;
        }
        let mut own = Names {
            workflow: names.workflow,
            plain: names.plain,
            model: hanging.as_ref().map_or(names.plain, |hanging| &hanging.model),
            entity: hanging.as_ref().map(|hanging| &hanging.entity).or(names.plain_entity()).cloned(),
            on_record: hanging.as_ref(),
            known: BTreeMap::new(),
            in_bin: names.in_bin,
            hanging: names.way(INPUT).map(|_| INPUT.to_owned()).into_iter().collect(),
            without_record: names.without_record,
        };
        let steps = read_list(item.get("steps"), &at, &mut own, &mut reader.problems);
        hanging::complete(&mut reader.problems, hanging.as_ref());
        ways.push(Way {
            steps,
            written: item.get("steps").cloned().unwrap_or_else(|| Json::Array(Vec::new())),
        });
    }
    Some(Parallel { ways })
}
