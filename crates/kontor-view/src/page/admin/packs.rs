//! `admin/packs`: the packs below the workspace, and what installing, upgrading or removing one would do; and where each
//! value of a definition comes from.

use serde::Serialize;

use super::changes::ChangeCard;
use crate::page::part::{Link, Pager, Place, ProblemLine};
use crate::{View, Words};

/// A pack, installed or available.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PackLine {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Its version.
    pub version: String,
    /// What it is for; may be empty.
    pub description: String,
    /// What it rests on ("base 0.1.0"); may be empty.
    pub rests_on: String,
    /// How many definitions it holds.
    pub definitions: String,
    /// What can be done: upgrade, install.
    pub act: Option<Link>,
    /// Where removing it is asked; empty when it cannot be.
    pub remove_href: String,
    /// Whether an operator offers it.
    pub is_offered: bool,
}

/// Context of `admin/packs.html`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PacksPage {
    /// Where the page is.
    pub at: Place,
    /// Installed packs, the lowest first.
    pub installed: Vec<PackLine>,
    /// Packs that can be installed.
    pub available: Vec<PackLine>,
    /// How many definitions the workspace itself says something of.
    pub own: String,
    /// Where these are listed.
    pub own_href: String,
}

impl View for PacksPage {
    const TEMPLATE: &'static str = "admin/packs.html";

    fn title(&self, words: &Words) -> String {
        words.t("packs.title")
    }
}

/// One value that differs.
#[derive(Clone, Debug, Default, Serialize)]
pub struct MergeRow {
    /// Where it is, for choosing: `entity/deal/properties/stage/title`.
    pub place: String,
    /// The same in words.
    pub words: String,
    /// Where it is changed; empty when it is not there yet.
    pub href: String,
    /// What the layers below said before, in words.
    pub before: String,
    /// What they say now.
    pub theirs: String,
    /// What the workspace says.
    pub ours: String,
    /// `theirs` or `ours`.
    pub side: String,
    /// Whether it is no longer below.
    pub is_vanished: bool,
}

/// Context of `admin/pack_change.html`. Posts `use:PLACE` = `theirs` or `ours`, `prune`, `accept_loss`, and `do` = `review`
/// or `publish`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PackChangePage {
    /// Where the page is.
    pub at: Place,
    /// `install`, `upgrade` or `remove`.
    pub act: String,
    /// The pack's title.
    pub title: String,
    /// The version that is installed; may be empty.
    pub from: String,
    /// The version that comes; may be empty.
    pub to: String,
    /// Where the form posts.
    pub action: String,
    /// Where "Cancel" leads.
    pub cancel_href: String,
    /// What both changed.
    pub conflicts: Vec<MergeRow>,
    /// What only the workspace changed.
    pub kept: Vec<MergeRow>,
    /// What only the pack changed.
    pub taken: Vec<MergeRow>,
    /// Definitions that go aside.
    pub aside: Vec<Link>,
    /// Definitions that come back.
    pub back: Vec<Link>,
    /// Definitions that stay aside.
    pub left: Vec<Link>,
    /// Whether what needs the pack goes with it.
    pub prune: bool,
    /// What changes of the effective definitions.
    pub changes: Vec<ChangeCard>,
    /// How many are lossy.
    pub lossy: usize,
    /// How many are refused.
    pub refused: usize,
    /// The very SQL that it runs.
    pub sql: Vec<String>,
    /// What is wrong with the pack.
    pub problems: Vec<ProblemLine>,
    /// Whether nothing would change.
    pub is_same: bool,
}

impl View for PackChangePage {
    const TEMPLATE: &'static str = "admin/pack_change.html";

    fn title(&self, words: &Words) -> String {
        words.with(
            &format!("packs.{}_title", self.act),
            &[("title", &self.title), ("from", &self.from), ("to", &self.to)],
        )
    }
}

/// One value with where it comes from.
#[derive(Clone, Debug, Default, Serialize)]
pub struct OriginRow {
    /// Where it is, the same in every layer.
    pub place: String,
    /// The value as JSON; empty when the layer took it away.
    pub value: String,
    /// The layer that says so, with the pack's version.
    pub layer: String,
    /// Whether that is the workspace itself.
    pub is_own: bool,
    /// The published version since which it says so.
    pub since: String,
    /// Who published it and when.
    pub by: String,
    /// The layer below that says something else.
    pub below_layer: String,
    /// What it says; JSON.
    pub below: String,
    /// Whether it can go back to that.
    pub may_go_back: bool,
}

/// Context of `admin/origin.html`. Posts `place`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct OriginPage {
    /// Where the page is.
    pub at: Place,
    /// The definition's title.
    pub title: String,
    /// Its kind, in words.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Where the buttons post.
    pub action: String,
    /// All values, or only the workspace's own.
    pub rows: Vec<OriginRow>,
    /// Whether only the workspace's own are shown.
    pub own_only: bool,
    /// Where the other selection is.
    pub other_href: String,
    /// What is looked for in the places; may be empty.
    pub query: String,
    /// Forward and back.
    pub pager: Pager,
    /// What could not be done.
    pub problems: Vec<ProblemLine>,
}

impl View for OriginPage {
    const TEMPLATE: &'static str = "admin/origin.html";

    fn title(&self, words: &Words) -> String {
        format!("{} – {}", words.t("origin.title"), self.title)
    }
}
