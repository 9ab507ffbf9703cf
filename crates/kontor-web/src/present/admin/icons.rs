//! Which icons fit what an entity is called: words of the catalogue, in the reader's language and in English.

use kontor_view::page::admin::entity::IconPicker;

use crate::present::Reading;

/// Icons to choose from: those whose name or words are found in `query`, or else in `about`, stand first.
pub fn picker(reading: &Reading<'_>, chosen: &str, query: &str, about: &str) -> IconPicker {
    let sought = if query.trim().is_empty() { about } else { query }.to_lowercase();
    let words: Vec<&str> =
        sought.split(|letter: char| !letter.is_alphanumeric()).filter(|word| word.len() > 1).collect();
    let mut ranked: Vec<(usize, String)> = kontor_view::icon_names()
        .into_iter()
        .map(|icon| (rank(reading, &icon, &words, &sought), icon))
        .collect();
    ranked.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
    let (fitting, mut others): (Vec<_>, Vec<_>) = ranked.into_iter().partition(|(rank, _)| *rank > 0);
    others.sort_by(|left, right| left.1.cmp(&right.1));
    let bare = |list: Vec<(usize, String)>| list.into_iter().map(|(_, icon)| icon).collect();
    IconPicker {
        chosen: chosen.to_owned(),
        fitting: bare(fitting),
        others: bare(others),
        query: query.to_owned(),
    }
}

fn rank(reading: &Reading<'_>, icon: &str, words: &[&str], sought: &str) -> usize {
    let key = format!("icon.{icon}");
    let own = if reading.words().has(&key) { reading.t(&key) } else { String::new() };
    let english = reading
        .session
        .model
        .catalogue("en")
        .find(&format!("ui.{key}"))
        .map(str::to_lowercase)
        .unwrap_or_default();
    let name = icon.replace('-', " ");
    let mut rank = 0;
    for word in words {
        let is_in = |text: &str| text.split([' ', ',']).any(|one| alike(one, word));
        rank += 2 * usize::from(is_in(&name)) + usize::from(is_in(&english));
    }
    // Chinese has no blanks between words: each word of the icon is looked for inside what was written.
    let lowered = own.to_lowercase();
    let chinese = lowered.split([' ', '、', ',']).filter(|one| !one.is_empty() && !one.is_ascii());
    rank + chinese.filter(|one| sought.contains(*one)).count()
}

/// Equal but for an English plural.
fn alike(left: &str, right: &str) -> bool {
    let bare = |word: &str| word.strip_suffix('s').map_or_else(|| word.to_owned(), str::to_owned);
    !left.is_empty() && bare(left) == bare(right)
}

#[cfg(test)]
mod tests {
    use super::alike;

    #[test]
    fn plurals_are_alike() {
        assert!(alike("visit", "visits") && alike("users", "user") && alike("mail", "mail"));
        assert!(!alike("", "s") && !alike("mail", "map"));
    }
}
