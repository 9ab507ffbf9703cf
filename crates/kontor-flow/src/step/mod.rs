//! The steps of a workflow. One step is one file here (what it says) and one in the job runner (what it does).

mod approve;
pub(crate) mod ask;
mod assign;
pub(crate) mod attempt;
mod branch;
mod call;
mod comment;
mod convert;
mod create;
mod delete;
mod find;
mod follow;
mod for_each;
pub(crate) mod http;
mod log;
mod merge;
mod notify;
mod parallel;
mod people;
mod refuse;
pub(crate) mod report;
mod score;
mod script;
mod set;
mod stop;
mod switch;
mod tag;
mod task;
mod update_where;
mod values;
mod wait;
mod where_;

use kontor_model::{Json, Problem, Problems};

pub use approve::Approve;
pub use ask::Ask;
pub use assign::{Assign, Assignee};
pub use attempt::Attempt;
pub use branch::Branch;
pub use call::Call;
pub use comment::Comment;
pub use convert::{Becomes, Convert};
pub use create::Create;
pub use delete::Delete;
pub use find::Find;
pub use follow::Follow;
pub use for_each::ForEach;
pub use http::{BodySource, HeaderSource, Http, Node, STATUS, WHOLE};
pub use log::Log;
pub use merge::{Known, Merge};
pub use notify::Notify;
pub use parallel::{Parallel, Way};
pub use people::{PERSON, People, TEAM};
pub use refuse::Refuse;
pub use report::Report;
pub use score::Score;
pub use script::Script;
pub use script::functions_of;
pub use set::Set;
pub use stop::Stop;
pub use switch::{Case, Switch};
pub use tag::{Tag, Word};
pub use update_where::UpdateWhere;
pub use values::FieldValue;
pub use wait::{Expected, Wait};
pub use where_::Where;

use crate::names::Names;
use crate::read::Reader;

/// One thing that is done, or one place where the way is chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The technical name; runs and layers refer to it.
    pub name: Option<String>,
    /// What people read in the run.
    pub title: Option<String>,
    /// What the step does.
    pub action: Action,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Sets fields of the record that started the workflow.
    Set(Set),
    /// Creates a record; the step `task` is one of these.
    Create(Create),
    /// Changes every record that meets a condition.
    UpdateWhere(UpdateWhere),
    /// Moves records to the bin.
    Delete(Delete),
    /// Finds one record for later steps.
    Find(Find),
    /// Does steps for each record that meets a condition.
    ForEach(ForEach),
    /// Goes one way or the other.
    Branch(Branch),
    /// Goes one of several ways.
    Switch(Switch),
    /// Waits.
    Wait(Wait),
    /// Asks for an approval, and waits for it.
    Approve(Approve),
    /// Asks people something, and waits for an answer.
    Ask(Ask),
    /// Ends the run.
    Stop(Stop),
    /// Calls a function of the entity's script.
    Script(Script),
    /// Runs another workflow on the record.
    Call(Call),
    /// Gives the record an owner.
    Assign(Assign),
    /// Writes a line into the run.
    Log(Log),
    /// Ends the run with a message.
    Refuse(Refuse),
    /// Tries steps, and does others when one fails.
    Try(Attempt),
    /// Puts tags on the record and takes them off.
    Tag(Tag),
    /// Adds to a number field.
    Score(Score),
    /// Goes several ways at once.
    Parallel(Parallel),
    /// Tells people something about the record.
    Notify(Notify),
    /// Writes a comment on the record.
    Comment(Comment),
    /// Lets people follow the record.
    Follow(Follow),
    /// Makes two records one.
    Merge(Merge),
    /// Makes others of the record.
    Convert(Convert),
    /// Asks a machine of somebody else.
    Http(Box<Http>),
    /// Runs a report and keeps it as a file.
    Report(Report),
}

/// What a step does.
const WORDS: [&str; 29] = [
    "set",
    "create",
    "task",
    "update_where",
    "delete",
    "find",
    "for_each",
    "branch",
    "switch",
    "wait",
    "approve",
    "ask",
    "stop",
    "script",
    "call",
    "assign",
    "log",
    "refuse",
    "try",
    "tag",
    "score",
    "parallel",
    "notify",
    "comment",
    "follow",
    "merge",
    "convert",
    "http",
    "report",
];

/// Steps that are part of the language and that this version does not run.
const LATER: [&str; 2] = ["message", "document"];

impl Action {
    /// The word of the definition: `set`, `create`, …
    pub fn word(&self) -> &'static str {
        match self {
            Self::Set(_) => "set",
            Self::Create(_) => "create",
            Self::UpdateWhere(_) => "update_where",
            Self::Delete(_) => "delete",
            Self::Find(_) => "find",
            Self::ForEach(_) => "for_each",
            Self::Branch(_) => "branch",
            Self::Switch(_) => "switch",
            Self::Wait(_) => "wait",
            Self::Approve(_) => "approve",
            Self::Ask(_) => "ask",
            Self::Stop(_) => "stop",
            Self::Script(_) => "script",
            Self::Call(_) => "call",
            Self::Assign(_) => "assign",
            Self::Log(_) => "log",
            Self::Refuse(_) => "refuse",
            Self::Try(_) => "try",
            Self::Tag(_) => "tag",
            Self::Score(_) => "score",
            Self::Parallel(_) => "parallel",
            Self::Notify(_) => "notify",
            Self::Comment(_) => "comment",
            Self::Follow(_) => "follow",
            Self::Merge(_) => "merge",
            Self::Convert(_) => "convert",
            Self::Http(_) => "http",
            Self::Report(_) => "report",
        }
    }

    /// The name that the step gives to what it is answered.
    pub fn way(&self) -> Option<&str> {
        match self {
            Self::Ask(ask) => Some(&ask.name),
            Self::Http(http) => http.name_of_result.as_deref(),
            Self::Report(report) => report.name_of_result.as_deref(),
            _ => None,
        }
    }

    /// Whether nothing can be done where there is no record. What merges says itself what it does then.
    pub fn is_of_record(&self) -> bool {
        !matches!(self, Self::Merge(_)) && OF_LIVING.contains(&self.word())
    }

    /// Whether people outside of the record are told something: then it waits for the workflow's window.
    pub fn reaches_people(&self) -> bool {
        matches!(self, Self::Notify(_))
    }

    /// The steps of a branch: `then`, `else`, `case0`, `each`.
    pub(crate) fn branch(&self, name: &str) -> Option<&[Step]> {
        match self {
            Self::Branch(branch) => branch.steps(name),
            Self::Switch(switch) => switch.steps(name),
            Self::Try(attempt) => attempt.steps(name),
            Self::Wait(wait) => wait.steps(name),
            Self::Approve(approve) => approve.steps(name),
            Self::Ask(ask) => ask.steps(name),
            Self::ForEach(each) if name == for_each::EACH => Some(&each.steps),
            _ => None,
        }
    }

    /// All names that the step gives to records, with their entities.
    pub fn all_names(&self) -> Vec<(&str, &str)> {
        match self {
            Self::Convert(convert) => {
                convert.to.iter().map(|one| (one.name.as_str(), one.entity.as_str())).collect()
            }
            _ => self.names().into_iter().collect(),
        }
    }

    /// The name that the step gives to its result, with the result's entity.
    pub fn names(&self) -> Option<(&str, &str)> {
        let (name, entity) = match self {
            Self::Create(create) => (create.name_of_result.as_deref(), create.entity.as_str()),
            Self::Find(find) => (Some(find.name_of_result.as_str()), find.entity.as_str()),
            Self::ForEach(each) => (Some(each.name_of_result.as_str()), each.entity.as_str()),
            _ => (None, ""),
        };
        Some((name?, entity))
    }
}

/// Reads a list of steps, collecting all problems. Names given by a step are known to those after it.
pub(crate) fn read_list(
    json: Option<&Json>,
    at: &str,
    names: &mut Names<'_>,
    problems: &mut Problems,
) -> Vec<Step> {
    let Some(json) = json.filter(|json| !json.is_null()) else { return Vec::new() };
    let Some(list) = json.as_array() else {
        problems.push(Problem::new("wrong_type", at).with("expected", "list"));
        return Vec::new();
    };
    let mut steps = Vec::with_capacity(list.len());
    let mut taken = std::collections::BTreeSet::new();
    for (index, item) in list.iter().enumerate() {
        // Layers tell the steps of a list apart by their names.
        if let Some(name) = item.get("name").and_then(Json::as_str)
            && !taken.insert(name)
        {
            problems.push(Problem::new("duplicate_value", format!("{at}/{index}/name")).with("value", name));
        }
        if let Some(step) = read(item, &format!("{at}/{index}"), names, problems) {
            if !matches!(step.action, Action::ForEach(_)) {
                for (name, entity) in step.action.all_names() {
                    names.give(name, entity);
                }
            }
            names.hanging.extend(step.action.way().map(str::to_owned));
            steps.push(step);
        }
    }
    steps
}

fn read(json: &Json, at: &str, names: &Names<'_>, problems: &mut Problems) -> Option<Step> {
    let mut reader = Reader::new(json, at);
    let word = reader.required_text("do");
    let action = word.and_then(|word| read_action(&word, &mut reader, names));
    let (name, title) = (reader.text("name"), reader.text("title"));
    problems.0.append(&mut reader.problems.0);
    Some(Step { name, title, action: action? })
}

/// Steps that change the record itself, or hold on to it.
const OF_LIVING: [&str; 13] = [
    "set", "assign", "tag", "score", "script", "call", "task", "comment", "follow", "merge", "convert",
    "ask", "report",
];

fn read_action(word: &str, reader: &mut Reader<'_>, names: &Names<'_>) -> Option<Action> {
    let is_own = OF_LIVING.contains(&word)
        || (word == "delete" && reader.member("entity").is_none() && reader.member("where").is_none())
        || (word == "wait" && reader.member("event").is_some());
    if names.in_bin && is_own {
        let problem = reader.problem("record_in_bin", "do").with("step", word);
        reader.push(problem);
        return None;
    }
    Some(match word {
        "set" => Action::Set(set::read(reader, names)?),
        "create" => Action::Create(create::read(reader, names)?),
        "task" => Action::Create(task::read(reader, names)?),
        "update_where" => Action::UpdateWhere(update_where::read(reader, names)?),
        "delete" => Action::Delete(delete::read(reader, names)?),
        "find" => Action::Find(find::read(reader, names)?),
        "for_each" => Action::ForEach(for_each::read(reader, names)?),
        "branch" => Action::Branch(branch::read(reader, names)?),
        "switch" => Action::Switch(switch::read(reader, names)?),
        "wait" => Action::Wait(wait::read(reader, names)?),
        "approve" => Action::Approve(approve::read(reader, names)?),
        "ask" => Action::Ask(ask::read(reader, names)?),
        "stop" => Action::Stop(stop::read(reader, names)?),
        "script" => Action::Script(script::read(reader, names)?),
        "call" => Action::Call(call::read(reader, names)?),
        "assign" => Action::Assign(assign::read(reader, names)?),
        "log" => Action::Log(log::read(reader, names)?),
        "refuse" => Action::Refuse(refuse::read(reader, names)?),
        "try" => Action::Try(attempt::read(reader, names)),
        "tag" => Action::Tag(tag::read(reader, names)?),
        "score" => Action::Score(score::read(reader, names)?),
        "parallel" => Action::Parallel(parallel::read(reader, names)?),
        "notify" => Action::Notify(notify::read(reader, names)?),
        "comment" => Action::Comment(comment::read(reader, names)?),
        "follow" => Action::Follow(follow::read(reader, names)?),
        "merge" => Action::Merge(merge::read(reader, names)?),
        "convert" => Action::Convert(convert::read(reader, names)?),
        "http" => Action::Http(Box::new(http::read(reader, names)?)),
        "report" => Action::Report(report::read(reader, names)?),
        other => {
            let code = if LATER.contains(&other) { "not_available_yet" } else { "unknown_step" };
            let problem = reader.problem(code, "do").with("name", other).with("options", WORDS.join(", "));
            reader.push(problem);
            return None;
        }
    })
}
