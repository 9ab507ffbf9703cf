//! The one door to records: everything that reads or writes them comes through here, and every write takes the
//! same ten steps (04-runtime).

pub(crate) mod action;
mod aggregate;
pub mod batch;
mod behind;
pub mod bulk;
mod carry;
pub(crate) mod defaults;
mod delete;
mod derive;
mod draft;
pub mod duplicates;
mod effects;
mod emptied;
pub mod faults;
mod following;
mod held;
mod history;
pub mod hooks;
mod host;
mod in_bin;
mod lazy;
pub mod lists;
mod looked_up;
mod mask;
mod merge;
mod named;
mod parse;
pub mod process;
mod purge;
mod read;
mod read_link;
pub mod refused;
mod rehearse;
pub mod save;
mod select;
pub mod stages;
mod subject;
mod tree;
mod trial;
mod undo;
mod validate;
mod view;
mod writes;

pub use action::{ActionButton, Done, action, action_on_many, actions, actions_of, blank_inputs, of_inputs};
pub(crate) use action::{inputs_json, read_inputs};
pub use aggregate::{
    AggregateQuery, Counting, Currency, DatePart, Group, Measure, MeasureFunction, Total, aggregate, totals,
    totals_counted,
};
pub(crate) use carry::carried;
pub use delete::{delete, prepare as prepare_delete, restore};
pub use draft::{Draft, Incoming, Save, Saved};
pub use effects::{Effect, effects};
pub use history::{Revision, history, history_of, merged_with};
pub use in_bin::{InBin, in_bin};
pub use lazy::LazySubject;
pub use lists::{ItemInput, ListInput, Lists, load_many as lists_of};
pub use mask::{REVEAL, Revealed, reveal};
pub use merge::{Choice, MERGED, Merge, merge, prepare_merge};
pub use named::{fields_beside, named};
pub(crate) use parse::{is_visible, read_value};
pub use purge::{Destroyed, Removal, destroyed, purge, removal};
pub(crate) use read::add_titles;
pub use read::{Count, PageRequest, PageRow, RecordPage, Sort, get, options, page};
pub use rehearse::{Rehearsal, rehearse};
pub use save::{blank, preview, save};
pub(crate) use subject::holds as subject_holds;
pub use subject::{RecordSubject, holds};
pub use tree::above;
pub use trial::{ScriptTrial, try_script};
pub use undo::values_before;
pub use view::{RecordView, Titles, named_in, title_of, value_to_json};
pub(crate) use writes::journal_row;
pub use writes::search_text;
