//! Review and publish: what changes, what it touches, the SQL; and the published versions.

use serde::Serialize;

use crate::page::part::{Link, Place, ProblemLine};
use crate::{View, Words};

/// A line of a diff.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DiffLine {
    /// `+`, `-` or a blank.
    pub sign: String,
    /// The line.
    pub text: String,
}

/// One change of the plan.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ChangeCard {
    /// What it is, in words ("Deal: new field Budget confirmed on").
    pub title: String,
    /// `new`, `changed` or `removed`: picks icon and tone.
    pub what: String,
    /// `safe`, `lossy` or `refused`.
    pub class: String,
    /// Who made it and when; may be empty.
    pub who: String,
    /// What it does, in sentences ("1,204 values are parked").
    pub notes: Vec<String>,
    /// Records that stand in the way or are touched, the first of them: title of the link is what the record holds.
    pub records: Vec<Link>,
    /// `entity/field` of a choice whose values are no options yet; may be empty.
    pub make_options: String,
    /// Old and new.
    pub diff: Vec<DiffLine>,
    /// What uses it; `note` says what will happen there.
    pub used_by: Vec<Link>,
    /// Value of the discard button (`_discard`): kind and name of the definition; empty when it cannot be discarded alone.
    pub discard: String,
}

/// A published version.
#[derive(Clone, Debug, Default, Serialize)]
pub struct VersionLine {
    /// Its number.
    pub n: String,
    /// Its title.
    pub title: String,
    /// Who published it and when.
    pub note: String,
    /// The exact moment.
    pub exact: String,
    /// Address of the page that asks before restoring it; empty for the present one.
    pub restore_href: String,
    /// Address of what it changed; empty for the first.
    pub changes_href: String,
}

/// A definition that the set and somebody else's publication changed in the same place.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ConflictCard {
    /// Who published what, and when.
    pub said: String,
    /// Address of the definition.
    pub href: String,
    /// `kind/name`.
    pub value: String,
    /// Where both differ.
    pub places: Vec<ConflictPlace>,
}

/// A place where both differ.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ConflictPlace {
    /// Where, as a pointer.
    pub place: String,
    /// What the set says; empty for nothing.
    pub mine: String,
    /// What is published; empty for nothing.
    pub theirs: String,
}

/// An open change set in the list of all.
#[derive(Clone, Debug, Default, Serialize)]
pub struct OpenSetLine {
    /// Its title, or what it changes.
    pub title: String,
    /// Where it is looked at.
    pub href: String,
    /// Whose it is.
    pub whose: String,
    /// Since when, and when it was last changed.
    pub when: String,
    /// How many places it changes.
    pub count: usize,
    /// How many definitions conflict with what is published.
    pub conflicts: usize,
    /// Whether the reader's pages gather into it.
    pub is_own: bool,
    /// Whether a program began it.
    pub by_program: bool,
    /// Where it is made the reader's draft; empty when it is.
    pub take_action: String,
    /// Whether somebody else loses it when it is taken over.
    pub is_others: bool,
    /// Where it is discarded (`_discard=all`).
    pub discard_action: String,
}

/// Context of `admin/open_sets.html`: every change set that is open.
#[derive(Clone, Debug, Default, Serialize)]
pub struct OpenSetsPage {
    /// Where the page is.
    pub at: Place,
    /// The sets, the reader's draft first.
    pub sets: Vec<OpenSetLine>,
}

impl View for OpenSetsPage {
    const TEMPLATE: &'static str = "admin/open_sets.html";

    fn title(&self, words: &Words) -> String {
        words.t("changes.open_sets")
    }
}

/// Context of `admin/take_over.html`: asks before somebody else's draft is taken over. Posts `confirm=1` to `action`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TakeOverPage {
    /// Where the page is.
    pub at: Place,
    /// What the draft is called.
    pub title: String,
    /// Whose it is.
    pub whose: String,
    /// Since when, and when it was last changed.
    pub when: String,
    /// How many places it changes.
    pub count: usize,
    /// Where the form posts.
    pub action: String,
    /// Where "Cancel" leads.
    pub cancel_href: String,
}

impl View for TakeOverPage {
    const TEMPLATE: &'static str = "admin/take_over.html";

    fn title(&self, words: &Words) -> String {
        words.with("changes.take_title", &[("title", &self.title)])
    }
}

/// Context of `admin/discard.html`: asks before a change set is thrown away. Posts `confirm=1` and `_discard=all`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DiscardPage {
    /// Where the page is.
    pub at: Place,
    /// What the set is called.
    pub title: String,
    /// Whose it is; empty for the reader's own.
    pub whose: String,
    /// How many places it changes.
    pub count: usize,
    /// The first of them.
    pub places: Vec<String>,
    /// How many more there are.
    pub more: usize,
    /// Where the form posts.
    pub action: String,
    /// Where "Cancel" leads.
    pub cancel_href: String,
}

impl View for DiscardPage {
    const TEMPLATE: &'static str = "admin/discard.html";

    fn title(&self, words: &Words) -> String {
        words.with("changes.discard_ask", &[("title", &self.title)])
    }
}

/// Context of `admin/changes.html`. Publishing posts `title` and, where the plan is lossy, `accept_loss=1`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ChangesPage {
    /// Where the page is.
    pub at: Place,
    /// Id of the change set; empty when there is nothing to publish.
    pub id: String,
    /// Title of the change set, as typed.
    pub title: String,
    /// Where publishing posts.
    pub publish_action: String,
    /// Where discarding one change posts (`_discard`), and all (`_discard=all`).
    pub discard_action: String,
    /// The changes.
    pub changes: Vec<ChangeCard>,
    /// What they touch as a whole; `note` names it.
    pub impact: Vec<Link>,
    /// Publications that are under way.
    pub running: Vec<Link>,
    /// What others published something else for meanwhile.
    pub conflicts: Vec<ConflictCard>,
    /// Where conflicts are settled: `_keep` or `_take` is `kind/name`.
    pub keep_action: String,
    /// Whose change set it is and since when, where it is not the reader's own draft.
    pub whose: String,
    /// Who took over a draft of the reader's, and when; empty when nobody did.
    pub taken: String,
    /// Address of that draft.
    pub taken_href: String,
    /// Where it is made the reader's draft; empty when it is.
    pub take_action: String,
    /// Address of the list of all open change sets; empty when there are no others.
    pub others_href: String,
    /// How many others are open.
    pub others: usize,
    /// Where options are made of the values that a field holds (`field` is `entity/field`).
    pub options_action: String,
    /// Where the button posts that lets everything follow new names; empty when nothing is renamed.
    pub follow_action: String,
    /// How many are lossy.
    pub lossy: usize,
    /// How many are refused: then nothing can be published.
    pub refused: usize,
    /// What is wrong with definitions of the draft; `anchor` holds the address of the place.
    pub problems: Vec<ProblemLine>,
    /// The very SQL that publish runs, one statement each.
    pub sql: Vec<String>,
    /// Where a rehearsal is asked for; empty when there is nothing to rehearse.
    pub rehearse_action: String,
    /// What came of a rehearsal: nothing, `sound` or `wrong`.
    pub rehearsed: String,
    /// How long it took, in a sentence.
    pub rehearsed_text: String,
    /// Where the change set can be had as a file; empty when there is none.
    pub download_href: String,
    /// Where a file of changes from elsewhere is sent; empty where it cannot be.
    pub carry_action: String,
    /// The published versions, newest first.
    pub versions: Vec<VersionLine>,
    /// Address of all versions; empty when all are shown.
    pub all_versions_href: String,
}

impl View for ChangesPage {
    const TEMPLATE: &'static str = "admin/changes.html";

    fn title(&self, words: &Words) -> String {
        if self.changes.is_empty() { words.t("changes.title") } else { words.t("changes.review_title") }
    }
}

/// Context of `admin/restore.html`: asks before a version is restored. Posts to `action`, `accept_loss=1` where lossy.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RestorePage {
    /// Where the page is.
    pub at: Place,
    /// The version.
    pub version: VersionLine,
    /// Where the form posts.
    pub action: String,
    /// Whether it comes back only without values that were purged, which is to be said (`without_purged=1`).
    pub purged: bool,
    /// Where "Cancel" leads.
    pub cancel_href: String,
    /// What restoring changes.
    pub changes: Vec<ChangeCard>,
    /// How many are lossy.
    pub lossy: usize,
    /// How many are refused.
    pub refused: usize,
    /// The very SQL that it runs.
    pub sql: Vec<String>,
}

impl View for RestorePage {
    const TEMPLATE: &'static str = "admin/restore.html";

    fn title(&self, words: &Words) -> String {
        words.with("changes.restore_title", &[("n", &self.version.n)])
    }
}
