//! Names that look alike: whoever writes `prise` means `price`.

/// Names that a message lists.
const MOST_LISTED: usize = 40;

/// The known name that somebody most likely meant, when one is near enough.
pub fn nearest<'n>(written: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let written: Vec<char> = folded(written);
    if written.is_empty() {
        return None;
    }
    let mut best: Option<(usize, &str)> = None;
    for name in known {
        let other = folded(name);
        let longest = written.len().max(other.len());
        let most = (longest / 3).max(1);
        let mut distance = distance(&written, &other);
        // A part of a name is near to it, whatever is missing.
        if distance > most && written.len() >= 3 && other.starts_with(&written) {
            distance = most;
        }
        if distance <= most && distance < longest && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, name));
        }
    }
    best.map(|(_, name)| name)
}

/// Names as a list in a message: the first of them when there are many.
pub fn listed<'n>(known: impl IntoIterator<Item = &'n str>) -> String {
    let names: Vec<&str> = known.into_iter().filter(|name| !name.is_empty()).collect();
    let mut text = names.iter().take(MOST_LISTED).copied().collect::<Vec<_>>().join(", ");
    if names.len() > MOST_LISTED {
        text.push_str(", …");
    }
    text
}

/// Without what people mistake most: case, blanks and signs between words.
fn folded(text: &str) -> Vec<char> {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// How many letters two names differ in, signs and case aside; two that changed places count once.
pub fn letters_apart(left: &str, right: &str) -> usize {
    distance(&folded(left), &folded(right))
}

/// How many letters differ; two that changed places count once.
fn distance(left: &[char], right: &[char]) -> usize {
    let mut rows: [Vec<usize>; 3] = [Vec::new(), (0..=right.len()).collect(), Vec::new()];
    for (row, mine) in left.iter().enumerate() {
        let mut next = vec![row + 1];
        for (column, theirs) in right.iter().enumerate() {
            let of = |row: usize, column: usize| rows.get(row).and_then(|row| row.get(column)).copied();
            let replaced = of(1, column).unwrap_or(usize::MAX - 1) + usize::from(mine != theirs);
            let removed = of(1, column + 1).unwrap_or(usize::MAX - 1) + 1;
            let added = next.last().copied().unwrap_or(usize::MAX - 1) + 1;
            let mut least = replaced.min(removed).min(added);
            let turned = row > 0
                && column > 0
                && left.get(row - 1) == Some(theirs)
                && right.get(column - 1) == Some(mine);
            if turned && let Some(before) = of(0, column - 1) {
                least = least.min(before + 1);
            }
            next.push(least);
        }
        rows.rotate_left(1);
        if let Some(last) = rows.get_mut(1) {
            *last = next;
        }
    }
    rows.get(1).and_then(|row| row.last()).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let known = ["price", "product", "quantity", "close_date", "money"];
        for (written, meant) in [
            ("prise", Some("price")),
            ("pirce", Some("price")),
            ("Close Date", Some("close_date")),
            ("monney", Some("money")),
            ("quant", Some("quantity")),
            ("x", None),
            ("customer", None),
            ("", None),
        ] {
            assert_eq!(nearest(written, known), meant, "{written}");
        }
        assert_eq!(listed(["a", "", "b"]), "a, b");
    }

    #[test]
    fn counts_letters() {
        let of = |left: &str, right: &str| distance(&folded(left), &folded(right));
        assert_eq!((of("abc", "abc"), of("abc", "acb"), of("abc", ""), of("", "ab")), (0, 1, 3, 2));
        assert_eq!((of("kitten", "sitting"), of("today", "tomorow")), (3, 5));
    }
}
