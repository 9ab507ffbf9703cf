//! The icon sprite: which names it has, and the markup that shows one.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::assets;

/// What stands for an icon the sprite does not have.
const FALLBACK: &str = "circle-dot";

static NAMES: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let Some(sprite) = assets::get("icons.svg") else { return HashSet::new() };
    String::from_utf8_lossy(&sprite.bytes)
        .split("id=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(str::to_owned)
        .collect()
});

static ADDRESS: LazyLock<String> = LazyLock::new(|| assets::url("icons.svg"));

/// Markup of one icon with further classes (`"l"`, `"soft"`); an unknown name shows a dot, never markup from outside.
pub(crate) fn markup(name: &str, class: &str) -> String {
    let name = NAMES.get(name).map_or(FALLBACK, String::as_str);
    let gap = if class.is_empty() { "" } else { " " };
    let safe = class.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b' ' || byte == b'-');
    let class = if safe { class } else { "" };
    let address = ADDRESS.as_str();
    format!(r#"<svg class="i{gap}{class}" aria-hidden="true"><use href="{address}#{name}"/></svg>"#)
}

/// Every icon the sprite has, sorted: for the picker of a new entity.
pub fn names() -> Vec<String> {
    let mut names: Vec<String> = NAMES.iter().cloned().collect();
    names.sort();
    names
}
