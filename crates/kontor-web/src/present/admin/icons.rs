//! Which icons fit what an entity is called: words of the catalogue, in the reader's language and in English. Only icons
//! that stand for something are offered: arrows and signs of the interface are not.

use kontor_view::page::admin::entity::{IconChoice, IconGroup, IconPicker};

use crate::present::Reading;

/// Icons by what they stand for, in the order of the page.
const GROUPS: [(&str, &[&str]); 8] = [
    (
        "companies",
        &[
            "building-2",
            "user",
            "users",
            "user-plus",
            "handshake",
            "briefcase",
            "store",
            "factory",
            "landmark",
            "house",
        ],
    ),
    (
        "trade",
        &["coins", "percent", "package", "tag", "tags", "target", "calculator", "barcode", "hash", "rocket"],
    ),
    ("talk", &["mail", "phone", "message-square", "at-sign", "megaphone", "inbox", "send", "bell"]),
    (
        "papers",
        &[
            "file-text",
            "scroll-text",
            "sticky-note",
            "book-open",
            "paperclip",
            "archive",
            "image",
            "languages",
        ],
    ),
    ("time", &["calendar", "calendar-days", "calendar-clock", "clock", "timer", "history"]),
    (
        "work",
        &["list-checks", "kanban", "workflow", "life-buoy", "settings", "shield-check", "key-round", "lock"],
    ),
    ("places", &["map-pin", "globe", "zap", "star", "palette"]),
    ("figures", &["chart-line", "chart-column", "chart-pie", "table-2", "database", "webhook"]),
];

/// Icons to choose from: those whose name or words are found in `query`, or else in `about`, stand first.
pub fn picker(reading: &Reading<'_>, chosen: &str, query: &str, about: &str) -> IconPicker {
    let sought = if query.trim().is_empty() { about } else { query }.to_lowercase();
    let words: Vec<&str> =
        sought.split(|letter: char| !letter.is_alphanumeric()).filter(|word| word.len() > 1).collect();
    let mut fitting: Vec<(usize, &str)> = GROUPS
        .iter()
        .flat_map(|(_, icons)| icons.iter().copied())
        .map(|icon| (rank(reading, icon, &words, &sought), icon))
        .filter(|(rank, _)| *rank > 0)
        .collect();
    fitting.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
    let choice = |icon: &str| IconChoice { name: icon.to_owned(), title: title(reading, icon) };
    let fitting: Vec<IconChoice> = fitting.into_iter().map(|(_, icon)| choice(icon)).collect();
    let is_first = |icon: &str| fitting.iter().any(|one| one.name == icon);
    let mut groups: Vec<IconGroup> = GROUPS
        .iter()
        .map(|(name, icons)| IconGroup {
            title: reading.t(&format!("icon_group.{name}")),
            icons: icons.iter().filter(|icon| !is_first(icon)).map(|icon| choice(icon)).collect(),
        })
        .filter(|group| !group.icons.is_empty())
        .collect();
    // An icon from elsewhere that is in use stays.
    let is_offered =
        is_first(chosen) || groups.iter().any(|group| group.icons.iter().any(|one| one.name == chosen));
    if !chosen.is_empty() && !is_offered {
        let own = IconGroup { title: reading.t("icon_group.own"), icons: vec![choice(chosen)] };
        groups.insert(0, own);
    }
    IconPicker {
        chosen: chosen.to_owned(),
        open: fitting.is_empty() || !is_first(chosen),
        fitting,
        groups,
        query: query.to_owned(),
    }
}

/// What an icon shows: the first of its words.
fn title(reading: &Reading<'_>, icon: &str) -> String {
    let key = format!("icon.{icon}");
    if !reading.words().has(&key) {
        return icon.replace('-', " ");
    }
    let words = reading.t(&key);
    words.split([' ', '、', ',']).next().unwrap_or_default().to_owned()
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
    use super::{GROUPS, alike};

    #[test]
    fn plurals_are_alike() {
        assert!(alike("visit", "visits") && alike("users", "user") && alike("mail", "mail"));
        assert!(!alike("", "s") && !alike("mail", "map"));
    }

    #[test]
    fn every_offered_icon_is_in_the_sprite_once() {
        let known = kontor_view::icon_names();
        let mut offered: Vec<&str> = GROUPS.iter().flat_map(|(_, icons)| icons.iter().copied()).collect();
        let count = offered.len();
        offered.sort_unstable();
        offered.dedup();
        assert_eq!(offered.len(), count);
        let missing: Vec<&&str> =
            offered.iter().filter(|icon| !known.iter().any(|one| one == **icon)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
