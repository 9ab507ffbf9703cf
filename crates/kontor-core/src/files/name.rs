//! Names of files: what somebody's computer called them, without what could lead somewhere or look like something else.

/// Longest name, in characters.
const LONGEST: usize = 150;

/// Letters that turn the direction of writing, so that `gpj.exe` reads as `exe.jpg`, or that cannot be seen.
fn is_trick(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A name without a path, without letters that file systems or readers stumble over, and not too long; `file` when
/// nothing is left.
pub fn safe(given: &str) -> String {
    use std::fmt::Write;
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut name = String::new();
    for letter in last.chars().filter(|letter| !letter.is_control() && !is_trick(*letter)) {
        // Writing into a text cannot fail.
        let _ = name.write_char(if ":*?\"<>|".contains(letter) { '_' } else { letter });
    }
    let name = name.trim().trim_start_matches('.').trim_end_matches(['.', ' ']).trim();
    if name.is_empty() {
        return "file".to_owned();
    }
    if name.chars().count() <= LONGEST {
        return name.to_owned();
    }
    // The ending says what it is: the middle goes.
    let ending =
        name.rsplit_once('.').map(|(_, ending)| ending).filter(|ending| ending.chars().count() <= 10);
    let ending = ending.map(|ending| format!(".{ending}")).unwrap_or_default();
    let kept: String = name.chars().take(LONGEST - ending.chars().count()).collect();
    format!("{kept}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_nowhere() {
        for (given, expected) in [
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\mara\\offer.pdf", "offer.pdf"),
            ("a\0b\r\nc.txt", "abc.txt"),
            ("report.pdf:evil.exe", "report.pdf_evil.exe"),
            ("invoice\u{202e}gpj.exe", "invoicegpj.exe"),
            ("..", "file"),
            (".htaccess", "htaccess"),
            ("  图纸 最终版.pdf ", "图纸 最终版.pdf"),
            ("a\"b<c>.txt", "a_b_c_.txt"),
            ("con. . .", "con"),
        ] {
            assert_eq!(safe(given), expected, "{given}");
        }
        let long = safe(&format!("{}.pdf", "x".repeat(400)));
        assert_eq!(long.chars().count(), LONGEST);
        assert!(long.ends_with("x.pdf"));
    }
}
