//! How often each thing was wrong in an import, over all its rows: rows are shown by the thousand, reasons are counted
//! to the last.

use std::collections::BTreeMap;

use kontor_model::Problem;

/// Different values that are counted apart for one reason; the others count for the reason alone.
const MOST_VALUES: usize = 1_000;
/// The parameter of a problem that holds what was typed.
const VALUE: &str = "value";

/// Reasons with their counts, in the order in which they were met.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    reasons: Vec<Reason>,
}

/// One thing that was wrong, at one field.
#[derive(Clone, Debug)]
pub struct Reason {
    /// The first problem of its kind.
    pub problem: Problem,
    /// How many rows have it.
    pub count: usize,
    /// The values that were refused, with how often each was met.
    pub values: BTreeMap<String, usize>,
}

impl Reason {
    /// The value that the first problem names.
    pub fn value(&self) -> &str {
        value_of(&self.problem)
    }
}

impl Tally {
    /// Counts a problem.
    pub fn add(&mut self, problem: &Problem) {
        let index =
            self.reasons.iter().position(|reason| is_same(&reason.problem, problem)).unwrap_or_else(|| {
                self.reasons.push(Reason { problem: problem.clone(), count: 0, values: BTreeMap::new() });
                self.reasons.len() - 1
            });
        let Some(reason) = self.reasons.get_mut(index) else { return };
        reason.count += 1;
        let value = value_of(problem);
        if let Some(count) = reason.values.get_mut(value) {
            *count += 1;
        } else if !value.is_empty() && reason.values.len() < MOST_VALUES {
            reason.values.insert(value.to_owned(), 1);
        }
    }

    /// The reasons, the most frequent first.
    pub fn most_frequent(&self) -> Vec<&Reason> {
        let mut list: Vec<&Reason> = self.reasons.iter().collect();
        list.sort_by_key(|reason| std::cmp::Reverse(reason.count));
        list
    }
}

/// What was typed does not make a reason of its own.
fn is_same(one: &Problem, other: &Problem) -> bool {
    let rest = |problem: &Problem| -> Vec<(&'static str, String)> {
        problem.parameters.iter().filter(|(name, _)| *name != VALUE).cloned().collect()
    };
    one.code == other.code
        && one.path == other.path
        && one.message == other.message
        && one.warning == other.warning
        && rest(one) == rest(other)
}

fn value_of(problem: &Problem) -> &str {
    problem.parameters.iter().find(|(name, _)| *name == VALUE).map_or("", |(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "tests")]
    use super::*;

    #[test]
    fn every_row_counts() {
        let mut tally = Tally::default();
        for number in 0..5_000 {
            let value = if number % 5 == 0 { "GTXPro" } else { "XX" };
            tally.add(&Problem::at_field("no_such_record", "product").with("value", value));
        }
        tally.add(&Problem::at_field("required", "name"));
        let reasons = tally.most_frequent();
        assert_eq!((reasons.len(), reasons[0].count, reasons[1].count), (2, 5_000, 1));
        assert_eq!(reasons[0].values["GTXPro"], 1_000);
    }
}
