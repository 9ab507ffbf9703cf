//! The typed shape of an app definition (`schemas/meta/app.schema.json`).

use serde::{Deserialize, Serialize};

/// A menu with a home page.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct AppDefinition {
    /// The app's name.
    pub name: String,
    /// The label.
    pub title: String,
    /// Help on screen.
    pub description: Option<String>,
    /// The name of an icon in the sprite.
    pub icon: Option<String>,
    /// The groups of the menu, in order.
    pub menu: Vec<MenuGroup>,
    /// What the first page shows.
    pub home: Option<Home>,
    /// Only for these roles; all when empty.
    pub roles: Vec<String>,
    /// Where it is: `internal` (the pages of the workspace, also when nothing is said) or `portal`.
    pub channel: Option<String>,
    /// What lies beside records and is shown in a portal: `comments`, `files`.
    pub beside: Vec<String>,
    /// Its place among the apps, from the smallest.
    pub position: Option<i64>,
}

impl AppDefinition {
    /// Whether it is an app of a portal, for people from outside.
    pub fn is_portal(&self) -> bool {
        self.channel.as_deref() == Some(crate::portal::PORTAL)
    }

    /// All entries of its menu, in order.
    pub fn items(&self) -> impl Iterator<Item = &MenuItem> {
        self.menu.iter().flat_map(|group| &group.items)
    }
}

/// A titled group of a menu.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct MenuGroup {
    /// The group's name.
    pub name: String,
    /// The label.
    pub title: String,
    /// Its items, in order.
    pub items: Vec<MenuItem>,
}

/// A link of a menu: exactly one of `entity`, `view`, `report`, `dashboard` is given.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct MenuItem {
    /// The name by which layers find it.
    pub name: Option<String>,
    /// Another label than the target's own.
    pub title: Option<String>,
    /// Another icon than the target's own.
    pub icon: Option<String>,
    /// The list of an entity.
    pub entity: Option<String>,
    /// A view.
    pub view: Option<String>,
    /// A report.
    pub report: Option<String>,
    /// A dashboard.
    pub dashboard: Option<String>,
}

/// What the first page shows.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Home {
    /// A dashboard.
    pub dashboard: Option<String>,
    /// A view.
    pub view: Option<String>,
}
