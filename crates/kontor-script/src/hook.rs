//! The functions that Kontor calls by name, and what it hands them.

/// A function of a script that Kontor calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hook {
    /// `before_save(record, old, ctx)`: may change the record.
    BeforeSave,
    /// `validate(record, old, ctx)`: says what is wrong.
    Validate,
    /// `before_delete(record, ctx)`: may refuse.
    BeforeDelete,
    /// `action_<name>(record, input, ctx)`: a button; may change the record.
    Action(String),
    /// `field_<name>(record, ctx)`: returns the field's value.
    Field(String),
    /// `run(ctx)` of a job.
    Run,
}

/// The names that a message lists.
const NAMES: &str = "before_save, validate, before_delete, action_…, field_…";
/// Those of them that are whole names.
const WHOLE: [&str; 3] = ["before_save", "validate", "before_delete"];
/// Letters in which a misspelt name differs at most.
const MISSPELT: usize = 2;

impl Hook {
    /// The hook that somebody meant who wrote nearly its name, with the names of all.
    pub fn meant(function: &str) -> Option<(&'static str, &'static str)> {
        let is_near = |name: &&str| kontor_model::likeness::letters_apart(function, name) <= MISSPELT;
        let meant = WHOLE.into_iter().find(is_near)?;
        (meant != function).then_some((meant, NAMES))
    }

    /// The hook of a function's name; `None` for the script's own functions.
    pub fn of(function: &str) -> Option<Self> {
        match function {
            "before_save" => Some(Self::BeforeSave),
            "validate" => Some(Self::Validate),
            "before_delete" => Some(Self::BeforeDelete),
            "run" => Some(Self::Run),
            _ => {
                if let Some(name) = function.strip_prefix("action_") {
                    return Some(Self::Action(name.to_owned()));
                }
                function.strip_prefix("field_").map(|name| Self::Field(name.to_owned()))
            }
        }
    }

    /// Whether the function may change the record.
    pub fn may_change(&self) -> bool {
        matches!(self, Self::BeforeSave | Self::Action(_))
    }

    /// Whether only the uppermost layer is called.
    pub fn is_overridden(&self) -> bool {
        matches!(self, Self::Action(_) | Self::Field(_) | Self::Run)
    }
}

/// A function that a script defines and Kontor calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// What it is.
    pub hook: Hook,
    /// The names of its parameters.
    pub parameters: Vec<String>,
    /// Its doc comment, without the slashes; the first line serves as an action's label.
    pub comment: String,
    /// Where it is defined, from 1.
    pub line: u32,
}

/// The hooks and actions of a source, in its order; empty when it does not parse.
pub fn functions(source: &str) -> Vec<Function> {
    crate::check::functions(source)
}
