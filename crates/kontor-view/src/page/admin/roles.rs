//! Roles: the list, and one as a matrix of entities, verbs and scopes.

use serde::Serialize;

use super::DraftState;
use crate::field::OptionView;
use crate::page::part::{Pager, Place, ProblemLine};
use crate::{View, Words};

/// A role in the list.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RoleLine {
    /// Address of its page.
    pub href: String,
    /// Its title.
    pub title: String,
    /// What it is for; may be empty.
    pub description: String,
    /// How many people have it.
    pub users: String,
    /// Where it comes from.
    pub layer: String,
    /// How it stands against what is published.
    pub draft: DraftState,
}

/// Context of `admin/roles.html`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RolesPage {
    /// Where the page is.
    pub at: Place,
    /// The roles.
    pub roles: Vec<RoleLine>,
    /// Address of the page for a new one.
    pub new_href: String,
}

impl View for RolesPage {
    const TEMPLATE: &'static str = "admin/roles.html";

    fn title(&self, words: &Words) -> String {
        words.t("roles.title")
    }
}

/// One right: posted as `<entity>.<verb>` (`*.read`).
#[derive(Clone, Debug, Default, Serialize)]
pub struct RightCell {
    /// Name of the verb.
    pub verb: String,
    /// none, own, team, all …; for verbs without scope no and yes.
    pub scopes: Vec<OptionView>,
    /// Whether the chosen scope comes from the line "every entity".
    pub inherited: bool,
}

/// The rights on one entity.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RightRow {
    /// Name of the entity, `*` for every entity.
    pub entity: String,
    /// Its plural.
    pub title: String,
    /// Its icon.
    pub icon: String,
    /// Whether the role names it (else the line "every entity" holds). Posted as `<entity>.own`.
    pub named: bool,
    /// One cell per verb.
    pub cells: Vec<RightCell>,
    /// How many fields have a right of their own, in words.
    pub fields: String,
    /// Where the rights to fields are set; empty where they cannot be.
    pub fields_href: String,
}

/// The right to one field: posted as `right.<name>`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FieldRightRow {
    /// Name of the field.
    pub name: String,
    /// Its label.
    pub title: String,
    /// Its kind in words.
    pub kind: String,
    /// edit, read, none.
    pub rights: Vec<OptionView>,
}

/// Context of `admin/role_fields.html`: the rights of a role to the fields of one entity.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RoleFieldsPage {
    /// Where the page is.
    pub at: Place,
    /// The role's title.
    pub role_title: String,
    /// The entity's plural.
    pub entity: String,
    /// Where the form posts.
    pub action: String,
    /// Where "Cancel" leads.
    pub cancel_href: String,
    /// One line per field.
    pub rows: Vec<FieldRightRow>,
    /// Whether the rights can only be read.
    pub fixed: bool,
    /// What is wrong.
    pub problems: Vec<ProblemLine>,
}

impl View for RoleFieldsPage {
    const TEMPLATE: &'static str = "admin/role_fields.html";

    fn title(&self, words: &Words) -> String {
        words.with("roles.fields_title", &[("entity", &self.entity), ("role", &self.role_title)])
    }
}

/// Context of `admin/role.html`. Posts `title description preset` and the rights.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RolePage {
    /// Where the page is.
    pub at: Place,
    /// What the role is called in the reader's language; empty for a new one.
    pub heading: String,
    /// Name; empty for a new role.
    pub name: String,
    /// Title, as typed.
    pub role_title: String,
    /// What it is for, as typed.
    pub description: String,
    /// Where the form posts.
    pub action: String,
    /// Where "Cancel" leads.
    pub cancel_href: String,
    /// private, team, open, `read_only`: posted as `preset` by buttons.
    pub presets: Vec<OptionView>,
    /// The networks from which its holders may come, one a line.
    pub addresses: String,
    /// Whether there are more entities than fit on one page, so that looking for one is worth a box.
    pub is_long: bool,
    /// The words that were looked for.
    pub q: String,
    /// The role as it was made so far and nobody stored it; empty while that is what was read.
    pub shown: String,
    /// Paging of the matrix: addresses where nothing can be changed, else the lines behind which its buttons lead.
    pub pager: Pager,
    /// Whether its holders sign in with a second factor.
    pub second_factor: bool,
    /// Headings: names of the verbs.
    pub verbs: Vec<String>,
    /// The matrix.
    pub rows: Vec<RightRow>,
    /// What of administration it may do. Posted as `admin`.
    pub admin: Vec<OptionView>,
    /// Why it cannot be changed (administrator holds everything); empty when it can.
    pub fixed: String,
    /// Address of the source.
    pub source_href: String,
    /// Address of the page that tells where each of its values comes from; empty before it is published.
    pub origin_href: String,
    /// What is wrong.
    pub problems: Vec<ProblemLine>,
    /// How it stands against what is published.
    pub draft: DraftState,
}

impl View for RolePage {
    const TEMPLATE: &'static str = "admin/role.html";

    fn title(&self, words: &Words) -> String {
        if self.heading.is_empty() { words.t("roles.new_title") } else { self.heading.clone() }
    }
}
