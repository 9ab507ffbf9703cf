//! A field as a template sees it: everything already text. One struct serves the three modes cell, detail and input.
//!
//! What an input posts (`f` is the field's name):
//!
//! | kind | pairs |
//! |---|---|
//! | most | `f=text`; empty means empty |
//! | boolean | `f=false` first, then `f=true` when ticked: the last one counts |
//! | `multi_choice` | `f=` first, then one `f=value` per ticked option |
//! | money | `f=amount` and `f_currency=EUR` |
//! | link, user, team | `f=` the title in the box, or an id; beside it `f.id` and `f.title`, the record chosen last: while the box still says that title, that id is meant; otherwise the box is an id or the exact title of one record |
//! | `any_link` | as link, and `f.entity` |
//! | made of parts | one pair `f.part=text` per part |
//! | `secret` | `f=text`, empty leaves it as it is; `f.clear=1` takes it away |
//! | files of all sorts | one `f=JSON` per file that was there; `f.remove=id` per file that goes, `f.place.id=2` where it stands; `f.upload` one that comes, in a form with parts; `f.typed` a signature that is typed |
//! | rows, links | see [`ListView`] |
//!
//! No name of a definition holds a dot, so the companions never collide with a field.

use serde::Serialize;

/// One option of a choice, a multi choice, a currency list, a list of recent records.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OptionView {
    /// What is posted.
    pub value: String,
    /// What is read.
    pub title: String,
    /// Class of its colour (`t-green`), empty for none.
    pub tone: String,
    /// Whether it is chosen.
    pub selected: bool,
    /// Whether it is offered no longer; shown only when it is chosen.
    pub retired: bool,
}

impl OptionView {
    /// An option without colour.
    pub fn new(value: impl Into<String>, title: impl Into<String>, selected: bool) -> OptionView {
        OptionView { value: value.into(), title: title.into(), selected, ..OptionView::default() }
    }
}

/// A file of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FileView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its size as people read it.
    pub size: String,
    /// Where it is fetched; empty on pages that only show what fields look like.
    pub href: String,
    /// Whether browsers draw it.
    pub picture: bool,
    /// Width of a picture in dots; empty when not known.
    pub width: String,
    /// Height of a picture in dots.
    pub height: String,
    /// Who signed with it and when, in a sentence; empty for all but signatures.
    pub signed: String,
    /// What the control posts.
    pub value: String,
    /// Where it stands, from 1.
    pub place: String,
}

/// A value in a table: what cell mode of a field template needs and no more, for a list has many of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// Field kind: picks `templates/views/fields/<kind>.html`.
    pub kind: String,
    /// The value as people read it; empty when there is none.
    pub text: String,
    /// The exact value for `title` where `text` is shortened (a moment, a converted amount); may be empty.
    pub exact: String,
    /// Where the value leads (a link's record, a web address, `mailto:`); may be empty.
    pub href: String,
    /// Class of its colour (`t-green`, `bad`); may be empty.
    pub tone: String,
    /// Chosen options of kinds with several values.
    pub options: Vec<OptionView>,
    /// Files.
    pub files: Vec<FileView>,
}

/// A field of one record, ready to be shown or edited.
#[expect(clippy::struct_excessive_bools, reason = "each is a question that a template asks by its own name")]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FieldView {
    /// Field name; also the name of the control.
    pub name: String,
    /// Label on screen.
    pub label: String,
    /// Field kind: picks `templates/views/fields/<kind>.html`.
    pub kind: String,
    /// Help text below the control; may be empty.
    pub help: String,
    /// Text in the empty control; may be empty.
    pub placeholder: String,
    /// Whether a value must be given.
    pub required: bool,
    /// Whether it may only be read here.
    pub readonly: bool,
    /// A mask is shown in place of the value.
    pub masked: bool,
    /// Where the value behind the mask is asked for; empty when it is not shown.
    pub reveal_href: String,
    /// Whether Kontor computes it (formula, roll-up, copy, autonumber).
    pub calculated: bool,
    /// Whether the calculated value cannot be told, because what it is made of is wrong.
    pub unknown: bool,
    /// Whether a number that is drawn when the record is created.
    pub drawn: bool,
    /// Whether the control takes the whole row.
    pub full: bool,
    /// The value as people read it; empty when there is none.
    pub text: String,
    /// The exact value for `title`; may be empty.
    pub exact: String,
    /// The value as the control holds it (`2026-03-27`, `184500.00`, the title of a linked record).
    pub value: String,
    /// Id of the linked record; empty for other kinds.
    pub link_id: String,
    /// Entity of the linked record: where a look-up asks; empty for other kinds.
    pub link_entity: String,
    /// Entities an `any_link` may lead to.
    pub link_entities: Vec<OptionView>,
    /// Options of a choice; recent records of a link; users and teams.
    pub options: Vec<OptionView>,
    /// Whether `options` are all there are (a select) or only the recent ones (a box with suggestions).
    pub closed: bool,
    /// Currencies to choose from, of money.
    pub currencies: Vec<OptionView>,
    /// The parts of a value that is made of some, each with its own control `f.part`.
    pub parts: Vec<FieldView>,
    /// Unit behind the number (`%`, a currency), or the language of code; may be empty.
    pub unit: String,
    /// Where the value leads; may be empty.
    pub href: String,
    /// Class of its colour; may be empty.
    pub tone: String,
    /// Most characters the control takes; empty for no limit.
    pub maximum_length: String,
    /// Step of a number control as the browser wants it (`1`, `0.01`); empty for any.
    pub step: String,
    /// Reader's time zone beside a moment; empty for other kinds.
    pub zone: String,
    /// What is wrong with it.
    pub problems: Vec<String>,
    /// What should be looked at, though it may be saved.
    pub warnings: Vec<String>,
    /// Remark behind the value ("in 15 days"); may be empty.
    pub remark: String,
    /// Marker beside the label (`changed`, `draft`); may be empty.
    pub marker: String,
    /// What saving would make of what was typed, as people read it; empty when it stays.
    pub becomes: String,
    /// Whether the label is for screen readers only, because a heading says it.
    pub bare: bool,
    /// Words of the button that makes a new record for a link ("New account"); empty for none.
    pub quick: String,
    /// Files.
    pub files: Vec<FileView>,
    /// Which files the control takes, as the attribute of HTML says it; may be empty.
    pub accept: String,
    /// What rows and links hold; `None` for other kinds.
    pub list: Option<ListView>,
}

/// The records of a list, shown or edited. An input posts `f=list`, and for each row pairs whose names begin with
/// `f.0.`, `f.1.` …: `_id` and `_version` of a stored one, then what its fields post; `f._removed` for each that was
/// taken out. Buttons post `_do`: `f:add`, `f:remove:1`, `f:up:1`, `f:down:1`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ListView {
    /// Headings of the columns.
    pub columns: Vec<ListColumn>,
    /// The records in their order.
    pub rows: Vec<ListRow>,
    /// Ids of records that were taken out and not saved yet.
    pub removed: Vec<String>,
    /// Whether there may be more.
    pub can_add: bool,
    /// Whether they have an order of their own.
    pub can_move: bool,
    /// Words of the button that adds one.
    pub add_title: String,
}

/// A column of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ListColumn {
    /// The heading.
    pub title: String,
    /// Whether a value must be given.
    pub required: bool,
    /// Whether it holds numbers, which stand right.
    pub number: bool,
}

/// A record of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ListRow {
    /// Its place, from 0.
    pub index: usize,
    /// Its place as people count.
    pub number: String,
    /// Its id; empty for a new one.
    pub id: String,
    /// The version that was read; empty for a new one.
    pub version: String,
    /// Where its own page is; may be empty.
    pub href: String,
    /// Whether it may be taken out.
    pub can_remove: bool,
    /// Its fields, one for each column.
    pub cells: Vec<FieldView>,
    /// What is wrong with the record as a whole.
    pub problems: Vec<String>,
}

impl FieldView {
    /// The same value for a table.
    pub fn cell(&self) -> Cell {
        Cell {
            kind: self.kind.clone(),
            text: self.text.clone(),
            exact: self.exact.clone(),
            href: self.href.clone(),
            tone: self.tone.clone(),
            options: self.options.iter().filter(|option| option.selected).cloned().collect(),
            files: self.files.clone(),
        }
    }
}

/// Fields under one heading of a form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Section {
    /// Name in the form definition; anchor of the section.
    pub name: String,
    /// Heading; may be empty.
    pub title: String,
    /// Text below the heading; may be empty.
    pub text: String,
    /// The fields, in order.
    pub fields: Vec<FieldView>,
    /// Over how many columns they are spread where there is room, 1 to 4; 0 for as many as fit.
    pub columns: u8,
    /// Whether it is closed until somebody opens it.
    pub folded: bool,
    /// Heading of the tab that it stands on, at the first section of each tab of a form with several; else empty.
    pub tab: String,
}
