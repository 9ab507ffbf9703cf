//! One record: head, highlights, stage path, sections, related records, what happened.

use serde::Serialize;

use super::beside::Beside;
use super::part::{ActionButton, Column, EntityHead, Link, Notice, Place, ProblemLine, Row, Tab};
use crate::field::{FieldView, FileView, OptionView, Section};
use crate::{View, Words};

/// A step of the stage path.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PathStep {
    /// Value of the choice.
    pub value: String,
    /// Its title.
    pub title: String,
    /// `done`, `current`, `open`, or `passed` for one before the present that the record was never in.
    pub state: String,
    /// What the move there is called; empty where it has no name of its own.
    pub label: String,
}

/// An item of the checklist of a stage. `POST {base}/r/{entity}/{id}/checklist` with `field` and `tick` or `untick`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CheckItem {
    /// Its name.
    pub name: String,
    /// What is to be done.
    pub title: String,
    /// Whether the record does not leave the stage without it.
    pub required: bool,
    /// Whether it is ticked.
    pub done: bool,
    /// Who ticked it, and when; may be empty.
    pub note: String,
    /// Why it stands in the way; may be empty.
    pub problem: String,
}

/// The path of a stage-like choice field. A move is `POST {base}/r/{entity}/{id}/transitions` with `field`, `to`, `version`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct StagePath {
    /// Name of the field.
    pub field: String,
    /// Its label.
    pub label: String,
    /// The steps, closing ones that are not reached left out.
    pub steps: Vec<PathStep>,
    /// Title of the present step; may be empty.
    pub current: String,
    /// The step the main button leads to; `None` at the end or for who may not move.
    pub next: Option<PathStep>,
    /// Other steps to move to.
    pub others: Vec<PathStep>,
    /// Labels of fields that are missing to leave the present step, with the address where they are filled in.
    pub missing: Vec<Link>,
    /// What is done in the present stage.
    pub checklist: Vec<CheckItem>,
    /// Whether the reader may tick.
    pub can_tick: bool,
    /// Since when the record is in its stage; may be empty.
    pub since: String,
    /// The exact moment.
    pub since_exact: String,
    /// When its time is, or was, over; empty without a limit.
    pub due: String,
    /// Whether it has been there for too long.
    pub late: bool,
    /// Why it could not be moved by itself; may be empty.
    pub note: String,
}

/// Records that point here, or that this record points to.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Related {
    /// Name of the relation; anchor of its card.
    pub name: String,
    /// Heading.
    pub title: String,
    /// How many there are; may be empty.
    pub count: String,
    /// Columns.
    pub columns: Vec<Column>,
    /// The first rows.
    pub rows: Vec<Row>,
    /// Address of the form for a new one, prefilled; empty when the reader may not create.
    pub new_href: String,
    /// Label of that button ("New quote").
    pub new_title: String,
    /// Address of the list of all; empty when all are shown.
    pub all_href: String,
    /// This page with the next rows of the list; empty at its end.
    pub next_href: String,
    /// This page with the first rows of the list; empty where they are shown.
    pub first_href: String,
}

/// The files of a record that no field of it holds. `POST action` (a form with parts) with `drawer.upload`; each file is
/// taken out by `POST action/{id}/deletion`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Drawer {
    /// The files, the latest first.
    pub files: Vec<FileView>,
    /// Where files are put in; empty when the reader may not.
    pub action: String,
    /// The tab of the record that the reader is on; may be empty.
    pub tab: String,
}

/// Old and new of one field.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Change {
    /// Label of the field.
    pub label: String,
    /// Value before; may be empty.
    pub old: String,
    /// Value after; may be empty.
    pub new: String,
}

/// Something that happened to the record.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Event {
    /// Icon of the sprite.
    pub icon: String,
    /// Class of its tone.
    pub tone: String,
    /// Who did it.
    pub who: String,
    /// What was done, in the reader's words ("changed 2 fields").
    pub what: String,
    /// Text of a note or an answer; may be empty.
    pub text: String,
    /// Changed fields.
    pub changes: Vec<Change>,
    /// When, as people say it.
    pub when: String,
    /// The exact moment.
    pub exact: String,
    /// Address of what happened (an activity); may be empty.
    pub href: String,
}

/// With whom a record is shared.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Shares {
    /// With whom it is.
    pub lines: Vec<ShareLine>,
    /// Where the form goes that shares it; empty for who may not.
    pub action: String,
    /// Today, as a date input has it.
    pub today: String,
    /// People to share it with.
    pub people: Vec<OptionView>,
    /// Teams to share it with.
    pub teams: Vec<OptionView>,
    /// What was sent and refused.
    pub refused: RefusedShare,
}

/// A share as it was typed, with what is wrong at each control; an empty text where nothing is.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RefusedShare {
    /// Whether anything was.
    pub any: bool,
    /// With whom: `user:ID`, `team:ID`.
    pub with: String,
    /// `read` or `edit`.
    pub right: String,
    /// The day.
    pub until: String,
    /// What is wrong with whom.
    pub with_problem: String,
    /// What is wrong with the right.
    pub right_problem: String,
    /// What is wrong with the day.
    pub until_problem: String,
}

/// Somebody with whom a record is shared.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ShareLine {
    /// The share.
    pub id: String,
    /// A person's icon, or a team's.
    pub icon: String,
    /// Who.
    pub title: String,
    /// For what, in the reader's words.
    pub right: String,
    /// Until when, in the reader's words; empty for ever.
    pub until: String,
    /// Whether that day has passed.
    pub over: bool,
    /// Who shared it; may be empty.
    pub by: String,
}

/// What is to be done about a record.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Activities {
    /// The name of the list.
    pub name: String,
    /// Its title.
    pub title: String,
    /// How many are open.
    pub count: String,
    /// What is open, the most urgent first.
    pub open: Vec<ActivityLine>,
    /// What was done last.
    pub done: Vec<ActivityLine>,
    /// Where ticks and new ones go.
    pub action: String,
    /// Whether the reader may tick.
    pub may_tick: bool,
    /// Whether the reader may add one.
    pub may_add: bool,
    /// What its title is called.
    pub subject: String,
    /// What the time at which it is due is called; empty when that cannot be typed.
    pub due_label: String,
    /// The kind of input for it.
    pub due_kind: String,
    /// Label of the link to the whole form.
    pub new_title: String,
    /// That form; may be empty.
    pub new_href: String,
}

/// One thing to do.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ActivityLine {
    /// Its id.
    pub id: String,
    /// What.
    pub title: String,
    /// Its page.
    pub href: String,
    /// Whose; may be empty.
    pub owner: String,
    /// When it is due, as people say it; may be empty.
    pub due: String,
    /// The same exactly.
    pub exact: String,
    /// Whether that is over.
    pub late: bool,
}

/// What people said of a record.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Comments {
    /// The comments, the latest first.
    pub lines: Vec<CommentLine>,
    /// Where a new one goes; empty for who may not comment.
    pub action: String,
    /// A new one that was refused, as it was typed.
    pub typed: String,
    /// Why; empty when none was refused.
    pub problem: String,
}

/// A comment.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CommentLine {
    /// Where it is changed; empty for what somebody else said.
    pub action: String,
    /// Who said it.
    pub who: String,
    /// When, as people say it.
    pub when: String,
    /// The exact moment.
    pub exact: String,
    /// Whether its text was changed since.
    pub edited: bool,
    /// Whether it was taken back.
    pub deleted: bool,
    /// Formatted text.
    pub body: String,
    /// What its author's form holds: the text, or what was typed and refused.
    pub typed: String,
    /// Why that was refused; empty when nothing was.
    pub problem: String,
    /// The end of the ids of its controls.
    pub id: String,
}

/// Context of `record.html`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RecordPage {
    /// Where the page is.
    pub at: Place,
    /// The entity.
    pub entity: EntityHead,
    /// Id of the record.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its number ("D-2481"); may be empty.
    pub number: String,
    /// Title of its record type; may be empty.
    pub record_type: String,
    /// Version, sent back by moves.
    pub version: String,
    /// Notices above everything (deleted, locked, warnings of the last save).
    pub notices: Vec<Notice>,
    /// What a workflow asks the reader about it.
    pub questions: Vec<Link>,
    /// What was wrong with a form of the page that was refused.
    pub problems: Vec<ProblemLine>,
    /// Highlights under the title.
    pub facts: Vec<FieldView>,
    /// The stage path; `None` when the entity has no stage-like field.
    pub path: Option<StagePath>,
    /// Tabs of the form; empty when it has only one.
    pub tabs: Vec<Tab>,
    /// Sections of fields.
    pub sections: Vec<Section>,
    /// Related records.
    pub related: Vec<Related>,
    /// Reports over what belongs to the record.
    pub charts: Vec<Beside>,
    /// Records like it.
    pub suggestions: Vec<Beside>,
    /// The record's own files; `None` when its entity has none.
    pub drawer: Option<Drawer>,
    /// What is to be done about it, a card for each list.
    pub activities: Vec<Activities>,
    /// What people said of it; none for an entity without comments.
    pub comments: Option<Comments>,
    /// What the button says that follows it (`yes`) or ends that (`no`); empty where nothing is followed.
    pub follow: String,
    /// With whom it is shared; none where nothing is shared by hand.
    pub shares: Option<Shares>,
    /// What happened, newest first.
    pub timeline: Vec<Event>,
    /// Address of the whole history.
    pub history_href: String,
    /// Address of the edit form; empty when the reader may not edit.
    pub edit_href: String,
    /// Address of a form prefilled with this record; empty when the reader may not create.
    pub copy_href: String,
    /// Address of the page that asks before deleting; empty when the reader may not delete.
    pub delete_href: String,
    /// Buttons of scripts and workflows.
    pub actions: Vec<ActionButton>,
    /// "Customise" menu; may be empty.
    pub customise: Vec<Link>,
}

impl View for RecordPage {
    const TEMPLATE: &'static str = "record.html";

    fn title(&self, _: &Words) -> String {
        self.title.clone()
    }

    fn entity(&self) -> Option<&str> {
        Some(&self.entity.name)
    }
}
