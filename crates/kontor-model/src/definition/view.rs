//! The typed shape of a view definition (`schemas/meta/view.schema.json`).

use indexmap::IndexMap;
use serde::{Deserialize, Deserializer, Serialize};

use crate::Json;

/// A saved way to look at many records.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ViewDefinition {
    /// The view's name.
    pub name: String,
    /// The label.
    pub title: String,
    /// Help on screen.
    pub description: Option<String>,
    /// The entity whose records it shows.
    pub entity: String,
    /// list, board, calendar, timeline, cards, tree.
    #[serde(rename = "type")]
    pub view_type: ViewType,
    /// The name of an icon in the sprite.
    pub icon: Option<String>,
    /// Only for these roles; all when empty.
    pub roles: Vec<String>,
    /// Shown when no view is chosen.
    pub default: bool,
    /// Its place among the views of the entity, from the smallest.
    pub position: Option<i64>,
    /// Which records.
    #[serde(rename = "where")]
    pub filter: Option<Json>,
    /// The columns of a list or a tree.
    pub columns: Vec<Column>,
    /// Paths; a minus in front turns the order round.
    pub sort: Vec<String>,
    /// Column to sum, avg, min, max or count.
    pub totals: IndexMap<String, String>,
    /// The field that makes the columns of a board, or the groups of a timeline: a choice, a link, a person or a team.
    pub by: Option<String>,
    /// The field summed over a column of a board.
    pub sum: Option<String>,
    /// The fields on a card, or beside the title in a calendar and a timeline.
    pub card: Vec<String>,
    /// The day or moment at which a record stands in a calendar, or begins in a timeline.
    pub start: Option<String>,
    /// Until when it lasts there.
    pub end: Option<String>,
    /// The choice field whose colours a calendar or a timeline takes.
    pub color: Option<String>,
    /// The picture on top of a card.
    pub image: Option<String>,
    /// Rows of a page, cards of a column.
    pub limit: Option<u32>,
}

/// How a view looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ViewType {
    /// Rows and columns.
    #[default]
    List,
    /// A column of cards per option.
    Board,
    /// Months, weeks and days.
    Calendar,
    /// Each record below the one that its link leads up to.
    Tree,
    /// Records as bars between a start and an end.
    Timeline,
    /// A grid of cards, page by page.
    Cards,
}

impl ViewType {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 6] =
        [Self::List, Self::Tree, Self::Cards, Self::Board, Self::Calendar, Self::Timeline];

    /// The name in definitions.
    pub const fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Board => "board",
            Self::Calendar => "calendar",
            Self::Tree => "tree",
            Self::Timeline => "timeline",
            Self::Cards => "cards",
        }
    }
}

/// A column of a list.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Column {
    /// The path to the field.
    pub field: String,
    /// Another heading than the field's own.
    pub title: Option<String>,
}

impl<'de> Deserialize<'de> for Column {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Json::deserialize(deserializer)?;
        let text = |key: &str| json.get(key).and_then(Json::as_str).map(str::to_owned);
        if let Json::String(field) = &json {
            return Ok(Self { field: field.clone(), title: None });
        }
        Ok(Self { field: text("field").unwrap_or_default(), title: text("title") })
    }
}
