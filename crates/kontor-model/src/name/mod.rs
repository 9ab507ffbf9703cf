//! Technical names: `[a-z][a-z0-9_]{0,39}`, derived from the label that an administrator types.

mod letters;

use pinyin::ToPinyin;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The most characters of a name.
pub const MAX_LENGTH: usize = 40;

/// Whether a text is a technical name. Two underscores in a row are kept for columns of the engine.
pub fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_lowercase())
        && text.len() <= MAX_LENGTH
        && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        && !text.contains("__")
}

/// The name for a label: lower case, accents dropped, Chinese in pinyin without tones, letters of other scripts as
/// Latin ones, everything else an underscore; `<name>_2` and so on when it is taken. A label without a letter or digit
/// becomes `field`.
pub fn derive(label: &str, taken: impl Fn(&str) -> bool) -> String {
    let name = words(label).join("_");
    let name = match name.chars().next() {
        None => "field".to_owned(),
        Some(first) if first.is_ascii_lowercase() => name,
        Some(_) => format!("n_{name}"),
    };
    let base = cut(&name, MAX_LENGTH);
    if !taken(base) {
        return base.to_owned();
    }
    let mut number = 2_usize;
    loop {
        let suffix = format!("_{number}");
        let candidate = format!("{}{suffix}", cut(base, MAX_LENGTH - suffix.len()));
        if !taken(&candidate) {
            return candidate;
        }
        number += 1;
    }
}

fn cut(name: &str, length: usize) -> &str {
    name.get(..length).unwrap_or(name).trim_end_matches('_')
}

/// Runs of letters and digits; each Chinese character is a word of its own.
fn words(label: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for character in label.nfkd().filter(|character| !is_combining_mark(*character)) {
        if let Some(syllable) = character.to_pinyin() {
            words.push(std::mem::take(&mut word));
            words.push(syllable.plain().replace('ü', "u"));
            continue;
        }
        match character {
            'ß' => word.push_str("ss"),
            'æ' | 'Æ' => word.push_str("ae"),
            'ø' | 'Ø' => word.push('o'),
            'œ' | 'Œ' => word.push_str("oe"),
            'ł' | 'Ł' => word.push('l'),
            // `Customer's` is one word.
            '\'' | '’' => {}
            character if character.is_ascii_alphanumeric() => word.push(character.to_ascii_lowercase()),
            character => match letters::latin(character) {
                Some(latin) => word.push_str(latin),
                None => words.push(std::mem::take(&mut word)),
            },
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_derived() {
        let free = |_: &str| false;
        assert_eq!(derive("Site visit", free), "site_visit");
        assert_eq!(derive("Überblick (2026) – Größe", free), "uberblick_2026_grosse");
        assert_eq!(derive("客户名称", free), "ke_hu_ming_cheng");
        assert_eq!(derive("VIP 客户", free), "vip_ke_hu");
        assert_eq!(derive("女士", free), "nu_shi");
        assert_eq!(derive("Customer's name", free), "customers_name");
        assert_eq!(derive("2nd floor", free), "n_2nd_floor");
        assert_eq!(derive("???", free), "field");
        assert_eq!(derive("Дата рождения", free), "data_rozhdeniya");
        assert_eq!(derive("Εταιρεία", free), "etaireia");
        assert_eq!(derive("거래처 이름", free), "georaecheo_ireum");
        assert_eq!(derive("カテゴリー", free), "katekori");
        assert_eq!(derive("עיר", free), "ayr");
        assert_eq!(derive("Name", |name| name == "name" || name == "name_2"), "name_3");
        let long = derive(&"ab ".repeat(30), |name| !name.ends_with('2'));
        assert!(is_name(&long) && long.ends_with("_2"), "{long}");
        assert!(is_name(&derive("a__b", free)));
        assert!(!is_name("a__b") && !is_name("A") && !is_name("1a") && !is_name(""));
    }
}
