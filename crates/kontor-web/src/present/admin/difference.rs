//! What was and what comes line by line, as a plan and a version show it.

use kontor_model::Json;
use kontor_view::page::admin::changes::DiffLine;

/// Lines of a diff that are shown.
const MOST_LINES: usize = 400;

/// Old and new line by line, as outlines; as the definition's own text where two outlines are the same and what they say
/// is not, and for scripts.
pub fn diff(
    before: Option<&Json>,
    after: Option<&Json>,
    outline: impl Fn(&Json) -> Vec<String>,
) -> Vec<DiffLine> {
    let text = |json: Option<&Json>| -> Vec<String> {
        json.map(super::source::text_of).unwrap_or_default().lines().map(str::to_owned).collect()
    };
    let outline = |json: Option<&Json>| json.map(&outline).unwrap_or_default();
    let is_script = |json: Option<&Json>| {
        let object = json.and_then(Json::as_object);
        // A field may be called so, too.
        object.is_some_and(|object| object.len() == 1 && object.get("source").is_some_and(Json::is_string))
    };
    let (mut old, mut new) = (outline(before), outline(after));
    if is_script(before) || is_script(after) || (old == new && before != after) {
        (old, new) = (text(before), text(after));
    }
    let old: Vec<&str> = old.iter().map(String::as_str).collect();
    let new: Vec<&str> = new.iter().map(String::as_str).collect();
    let mut lines: Vec<DiffLine> = folded(compare(&old, &new))
        .into_iter()
        .map(|(sign, text)| DiffLine { sign: sign.to_string(), text: text.to_owned() })
        .collect();
    if lines.len() > MOST_LINES {
        lines.truncate(MOST_LINES);
        lines.push(DiffLine { sign: " ".to_owned(), text: "…".to_owned() });
    }
    lines
}

/// What stays the same between two changes is left out but for the lines beside them, so that what goes and what comes for it
/// are seen together.
fn folded(lines: Vec<(char, &str)>) -> Vec<(char, &str)> {
    const BESIDE: usize = 2;
    let mut found = Vec::new();
    for run in lines.chunk_by(|left, right| (left.0 == ' ') == (right.0 == ' ')) {
        let is_same = run.first().is_some_and(|(sign, _)| *sign == ' ');
        if is_same && run.len() > 2 * BESIDE + 1 {
            found.extend(run.iter().take(BESIDE).copied());
            found.push((' ', "…"));
            found.extend(run.iter().skip(run.len() - BESIDE).copied());
        } else {
            found.extend_from_slice(run);
        }
    }
    found
}

/// The longest common subsequence of lines, the rest as removed and added. Long texts are compared without it: what begins
/// and ends alike stays, what is between is replaced.
fn compare<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(char, &'a str)> {
    const MOST: usize = 400;
    let head = old.iter().zip(new).take_while(|(left, right)| left == right).count();
    let rest = old.len().min(new.len()) - head;
    let tail =
        old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(left, right)| left == right).count();
    let middle_old = old.get(head..old.len() - tail).unwrap_or_default();
    let middle_new = new.get(head..new.len() - tail).unwrap_or_default();
    let mut found: Vec<(char, &str)> =
        old.iter().take(head).skip(head.saturating_sub(2)).map(|line| (' ', *line)).collect();
    if middle_old.len() > MOST || middle_new.len() > MOST {
        found.extend(middle_old.iter().map(|line| ('-', *line)));
        found.extend(middle_new.iter().map(|line| ('+', *line)));
    } else {
        found.extend(subsequence(middle_old, middle_new));
    }
    found.extend(old.iter().skip(old.len() - tail).take(2).map(|line| (' ', *line)));
    found
}

fn subsequence<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(char, &'a str)> {
    let width = new.len() + 1;
    let mut lengths = vec![0_usize; (old.len() + 1) * width];
    let at = |lengths: &[usize], row: usize, column: usize| {
        lengths.get(row * width + column).copied().unwrap_or(0)
    };
    for (row, left) in old.iter().enumerate().rev() {
        for (column, right) in new.iter().enumerate().rev() {
            let length = if left == right {
                at(&lengths, row + 1, column + 1) + 1
            } else {
                at(&lengths, row + 1, column).max(at(&lengths, row, column + 1))
            };
            if let Some(place) = lengths.get_mut(row * width + column) {
                *place = length;
            }
        }
    }
    let (mut row, mut column) = (0, 0);
    let mut found = Vec::new();
    loop {
        match (old.get(row), new.get(column)) {
            (Some(left), Some(right)) if left == right => {
                found.push((' ', *left));
                row += 1;
                column += 1;
            }
            (Some(left), right)
                if right.is_none() || at(&lengths, row + 1, column) >= at(&lengths, row, column + 1) =>
            {
                found.push(('-', *left));
                row += 1;
            }
            (_, Some(right)) => {
                found.push(('+', *right));
                column += 1;
            }
            (Some(left), None) => {
                found.push(('-', *left));
                row += 1;
            }
            (None, None) => return found,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::present::admin::outline::tests::AsWritten;
    use crate::present::admin::outline::{Spot, lines as outlined};
    use serde_json::json;

    fn diff(before: Option<&Json>, after: Option<&Json>) -> Vec<DiffLine> {
        let at = Spot { node: None, pointer: String::new() };
        super::diff(before, after, |json| outlined(&AsWritten, &at, json))
    }

    #[test]
    fn only_what_differs_is_marked() {
        let lines = diff(Some(&json!({ "a": 1, "b": 2 })), Some(&json!({ "a": 1, "b": 3, "c": 4 })));
        let text: Vec<String> = lines.iter().map(|line| format!("{}{}", line.sign, line.text)).collect();
        assert_eq!(text, [" a   1", "-b   2", "+b   3", "+c   4"]);
        // "1" and 1 look alike in an outline; what differs is shown all the same.
        let lines = diff(Some(&json!({ "a": 1 })), Some(&json!({ "a": "1" })));
        assert!(lines.iter().any(|line| line.text.contains("\"1\"")), "{lines:?}");
        // A field called source is no script.
        let gone = diff(Some(&json!({ "source": { "kind": "text", "title": "Source" } })), None);
        assert!(gone.iter().all(|line| !line.text.contains('{')), "{gone:?}");
        assert!(diff(None, Some(&json!({ "a": 1 }))).iter().all(|line| line.sign == "+"));
        // What stays the same between two changes does not push them apart.
        let many = |first: &str, last: &str| {
            let middle = (0..40).map(|number| format!("key{number}"));
            let all = std::iter::once(first.to_owned()).chain(middle).chain([last.to_owned()]);
            Json::Object(all.map(|key| (key, json!(true))).collect())
        };
        let moved = diff(Some(&many("moved", "stays")), Some(&many("first", "moved")));
        assert!(moved.len() < 12 && moved.iter().any(|line| line.text == "…"), "{moved:?}");
        assert_eq!(
            subsequence(&["a", "b", "c"], &["a", "c", "d"]),
            [(' ', "a"), ('-', "b"), (' ', "c"), ('+', "d")]
        );
    }
}
