//! Where a run stands: `2/then/0` is the first step of `then` of the third step; `3/each#4/1` the second step of the
//! fifth round of the fourth step. The text is stable: it is stored, and effects are told apart by it.

use std::fmt;
use std::str::FromStr;

use crate::Step;

/// The place of one step, or of a round of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Position {
    /// The steps on the way, each with the branch that leads to the next.
    parents: Vec<Parent>,
    /// The index in the innermost list.
    index: usize,
}

/// A step on the way and the branch taken below it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Parent {
    index: usize,
    branch: String,
    round: Option<usize>,
}

/// A text that is no position.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no position of a run")]
pub struct NotAPosition(pub String);

impl Position {
    /// The first step.
    pub fn start() -> Self {
        Self { parents: Vec::new(), index: 0 }
    }

    /// The step at this position; `None` when the workflow has none there.
    pub fn step<'s>(&self, steps: &'s [Step]) -> Option<&'s Step> {
        self.list(steps)?.get(self.index)
    }

    /// The list that holds the step.
    fn list<'s>(&self, steps: &'s [Step]) -> Option<&'s [Step]> {
        let mut list = steps;
        for parent in &self.parents {
            list = list.get(parent.index)?.action.branch(&parent.branch)?;
        }
        Some(list)
    }

    /// The first step of a branch below this one.
    #[must_use]
    pub(crate) fn into_branch(mut self, branch: &str, round: Option<usize>) -> Self {
        self.parents.push(Parent { index: self.index, branch: branch.to_owned(), round });
        Self { parents: self.parents, index: 0 }
    }

    /// The next step of the same list; `None` at its end.
    pub(crate) fn following(&self, steps: &[Step]) -> Option<Self> {
        let index = self.index + 1;
        if index >= self.list(steps)?.len() {
            return None;
        }
        Some(Self { parents: self.parents.clone(), index })
    }

    /// The branch that this one is in.
    pub(crate) fn branch(&self) -> Option<&str> {
        self.parents.last().map(|parent| parent.branch.as_str())
    }

    /// The step whose branch this one is in, and the round it is in when that step goes round.
    pub(crate) fn parent(&self) -> Option<(Self, Option<usize>)> {
        let (last, before) = self.parents.split_last()?;
        Some((Self { parents: before.to_vec(), index: last.index }, last.round))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for parent in &self.parents {
            write!(formatter, "{}/{}", parent.index, parent.branch)?;
            if let Some(round) = parent.round {
                write!(formatter, "#{round}")?;
            }
            formatter.write_str("/")?;
        }
        write!(formatter, "{}", self.index)
    }
}

impl FromStr for Position {
    type Err = NotAPosition;

    fn from_str(text: &str) -> Result<Self, NotAPosition> {
        let wrong = || NotAPosition(text.to_owned());
        let number = |text: &str| text.parse::<usize>().map_err(|_| wrong());
        let mut words: Vec<&str> = text.split('/').collect();
        let index = number(words.pop().ok_or_else(wrong)?)?;
        let mut parents = Vec::new();
        for pair in words.chunks(2) {
            let [at, branch] = pair else { return Err(wrong()) };
            let (branch, round) = match branch.split_once('#') {
                Some((branch, round)) => (branch, Some(number(round)?)),
                None => (*branch, None),
            };
            parents.push(Parent { index: number(at)?, branch: branch.to_owned(), round });
        }
        Ok(Self { parents, index })
    }
}
