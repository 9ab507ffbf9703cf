//! The icons that definitions may name: those of the sprite that pages show.

use std::sync::LazyLock;

use crate::Json;
use crate::problem::{Problem, Problems};

/// The sprite, as pages load it.
const SPRITE: &str = include_str!("../../../templates/assets/icons.svg");

/// The names, sorted.
static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let symbols = SPRITE.split("<symbol id=\"").skip(1);
    let mut names: Vec<&str> = symbols.filter_map(|rest| rest.split('"').next()).collect();
    names.sort_unstable();
    names
});

/// The names of all icons, sorted.
pub fn names() -> &'static [&'static str] {
    &NAMES
}

/// Icons that a definition names and nobody could see: its own, and those of the items of its lists.
pub fn unknown(json: &Json) -> Problems {
    let mut problems = Problems::new();
    visit(json, "", &mut problems);
    problems
}

fn visit(json: &Json, at: &str, problems: &mut Problems) {
    let written = json.get("icon").and_then(Json::as_str);
    if let Some(written) = written.filter(|written| NAMES.binary_search(written).is_err()) {
        let problem = Problem::new("unknown_icon", format!("{at}/icon")).with("value", written);
        problems.push(problem.with("options", NAMES.join(", ")));
    }
    // Record types, the menus of apps, and what is inside those: fields and values of steps are members, no items.
    for key in ["record_types", "menu", "items"] {
        for (index, item) in json.get(key).and_then(Json::as_array).into_iter().flatten().enumerate() {
            visit(item, &format!("{at}/{key}/{index}"), problems);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn icons_that_are_not_there_are_told() {
        let told = |json: Json| unknown(&json).iter().map(|problem| problem.path.clone()).collect::<Vec<_>>();
        assert!(names().len() > 50);
        assert!(told(json!({ "icon": "phone", "properties": { "icon": { "kind": "text" } } })).is_empty());
        assert_eq!(told(json!({ "icon": "blub" })), ["/icon"]);
        let menu = json!({ "menu": [{ "items": [{ "icon": "users" }, { "icon": "blub" }] }] });
        assert_eq!(told(menu), ["/menu/0/items/1/icon"]);
    }
}
