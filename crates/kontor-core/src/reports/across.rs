//! Formulas of a report over several entities: worked out once its blocks stand in the same rows, because they may use
//! measures of any of them.

use kontor_model::Value;
use kontor_model::definition::report::ReportDefinition;
use kontor_model::formula::MeasureFormula;
use kontor_model::query::{Answer, MeasureHead};

use super::build::formula;
use super::run::{is_money, shown};
use crate::Session;
use crate::error::Result;

/// The report without its formulas, as its own entity is asked.
pub(super) fn without(report: &ReportDefinition) -> ReportDefinition {
    let mut asked = report.clone();
    asked.measures.retain(|measure| measure.formula.is_none());
    if asked.measures.is_empty() {
        // There is nothing to count over everything; what the blocks count stands in the rows.
        asked.totals = Some(false);
    }
    asked
}

/// Puts the formulas to their places in an answer. One that uses what the reader may not see is not there.
pub(super) fn work_out(session: &Session, report: &ReportDefinition, answer: &mut Answer) -> Result<()> {
    let mut formulas: Vec<(usize, MeasureHead, MeasureFormula)> = Vec::new();
    for (place, written) in report.measures.iter().enumerate() {
        if let Some(found) = formula(session, report, written)? {
            formulas.push((place, found.0, found.1));
        }
    }
    // What uses a formula that is not there is not there either.
    loop {
        let is_there = |name: &String| {
            answer.measure_index(name).is_some() || formulas.iter().any(|(_, head, _)| head.name == *name)
        };
        let kept: Vec<bool> = formulas.iter().map(|(_, _, one)| one.names.iter().all(is_there)).collect();
        if kept.iter().all(|kept| *kept) {
            break;
        }
        let mut kept = kept.into_iter();
        formulas.retain(|_| kept.next().unwrap_or(false));
    }
    let own = session.workspace.settings().currency.clone();
    let converted = answer.measures.iter().any(|head| head.converted);
    let count = formulas.len();
    let mut heads = Vec::new();
    for (place, mut head, formula) in formulas {
        if is_money(&head) {
            head.currency = Some(own.clone());
            head.converted = converted;
        }
        let place = place.min(answer.measures.len());
        answer.measures.insert(place, head.clone());
        for group in &mut answer.rows {
            group.values.insert(place.min(group.values.len()), Value::Empty);
        }
        if !answer.totals.is_empty() {
            answer.totals.insert(place.min(answer.totals.len()), Value::Empty);
        }
        heads.push((head, formula));
    }
    for first in answer.blocks.iter_mut().skip(1) {
        *first += count;
    }
    let names: Vec<String> = answer.measures.iter().map(|head| head.name.clone()).collect();
    for group in &mut answer.rows {
        fill(&names, &heads, &mut group.values);
    }
    fill(&names, &heads, &mut answer.totals);
    Ok(())
}

/// Works the formulas out over the numbers of a row; with as many digits as they show only at the end.
fn fill(names: &[String], heads: &[(MeasureHead, MeasureFormula)], values: &mut [Value]) {
    let place = |name: &str| names.iter().position(|known| known == name);
    // A formula may use one that stands after it.
    for _ in 0..heads.len() {
        for (head, formula) in heads {
            let found = formula.evaluate(&|name| values.get(place(name)?).and_then(Value::as_decimal));
            if let Some(value) = place(&head.name).and_then(|place| values.get_mut(place)) {
                *value = found.map_or(Value::Empty, Value::Decimal);
            }
        }
    }
    for (head, _) in heads {
        if let Some(value) = place(&head.name).and_then(|place| values.get_mut(place)) {
            *value = shown(head, Some(&*value));
        }
    }
}
