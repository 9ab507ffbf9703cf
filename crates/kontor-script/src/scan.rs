//! Words of a Rhai source with their places: what names are called, read and assigned. It follows strings, comments
//! and the code inside `${…}`; it does not know what the words mean, and a source with mistakes gives what it gives.

/// One word of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) kind: Kind,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

/// What a word is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A name or keyword.
    Name(String),
    /// A text without `${…}`.
    Text(String),
    /// A number, a letter, a piece of a text with `${…}`.
    Value,
    /// An operator or bracket; `.`, `?.` and `::` are one each.
    Sign(&'static str),
    /// Any other sign.
    Other(char),
}

impl Word {
    pub(crate) fn name(&self) -> Option<&str> {
        match &self.kind {
            Kind::Name(name) => Some(name),
            _ => None,
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn is(&self, sign: &str) -> bool {
        matches!(&self.kind, Kind::Sign(own) if *own == sign)
    }
}

/// A function of a source and the words of its body.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) name: String,
    pub(crate) parameters: Vec<String>,
    pub(crate) line: u32,
    pub(crate) column: u32,
    /// Where its words begin and end, braces included.
    pub(crate) body: std::ops::Range<usize>,
}

/// Signs that are told apart, the longer first.
const SIGNS: [&str; 15] = ["::", "?.", "?[", "..", "#{", ".", "(", ")", "{", "}", "[", "]", ",", "|", "="];

/// All words of a source.
pub(crate) fn words(source: &str) -> Vec<Word> {
    let letters = source.chars().collect();
    let mut scanner = Scanner { letters, at: 0, line: 1, column: 1, inside: 0, words: Vec::new() };
    scanner.code(false);
    scanner.words
}

/// The functions that a source defines, in order. Functions are defined at the top only.
pub(crate) fn functions(source: &str) -> Vec<Found> {
    functions_of(&words(source))
}

/// The functions among words.
pub(crate) fn functions_of(words: &[Word]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += 1;
        if word.name() != Some("fn") {
            continue;
        }
        // A typed method is `fn Type.name(…)`; the name is the one before the bracket.
        let Some(open) = (at..words.len()).find(|index| words.get(*index).is_some_and(|word| word.is("(")))
        else {
            break;
        };
        let Some(name) = open.checked_sub(1).and_then(|before| words.get(before)) else { continue };
        let Some(close) = closing(words, open) else { break };
        let parameters =
            words.get(open + 1..close).unwrap_or_default().iter().filter_map(Word::name).map(str::to_owned);
        let Some(end) = closing(words, close + 1) else { break };
        found.push(Found {
            name: name.name().unwrap_or_default().to_owned(),
            parameters: parameters.collect(),
            line: name.line,
            column: name.column,
            body: close + 1..end + 1,
        });
        at = end + 1;
    }
    found
}

/// Whether anything stands outside of functions: imports and constants.
pub(crate) fn has_top_level(source: &str) -> bool {
    let words = words(source);
    let functions = functions_of(&words);
    let mut at = 0;
    while let Some(word) = words.get(at) {
        match word.name() {
            Some("private") => at += 1,
            Some("fn") => {
                let Some(function) = functions.iter().find(|function| function.body.start > at) else {
                    return true;
                };
                at = function.body.end;
            }
            _ if word.kind == Kind::Other(';') => at += 1,
            _ => return true,
        }
    }
    false
}

/// Where the bracket closes that opens at `open`.
pub(crate) fn closing(words: &[Word], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (index, word) in words.iter().enumerate().skip(open) {
        if ["(", "{", "[", "#{", "?["].iter().any(|sign| word.is(sign)) {
            depth += 1;
        } else if [")", "}", "]"].iter().any(|sign| word.is(sign)) {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                return Some(index);
            }
        } else if depth == 0 {
            return None;
        }
    }
    None
}

struct Scanner {
    letters: Vec<char>,
    at: usize,
    line: u32,
    column: u32,
    /// How many texts with code inside are open.
    inside: usize,
    words: Vec<Word>,
}

/// Deepest nesting of texts with code inside; no source that compiles goes deeper.
const MAX_INSIDE: usize = 64;

impl Scanner {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.letters.get(self.at + ahead).copied()
    }

    fn next(&mut self) -> Option<char> {
        let letter = self.peek(0)?;
        self.at += 1;
        if letter == '\n' {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
        Some(letter)
    }

    fn starts_with(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(ahead, letter)| self.peek(ahead) == Some(letter))
    }

    fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.next();
        }
    }

    fn push(&mut self, kind: Kind, (line, column): (u32, u32)) {
        self.words.push(Word { kind, line, column });
    }

    /// Reads code to the end, or to the brace that closes `${`.
    fn code(&mut self, inside_text: bool) {
        let mut depth = 0_usize;
        while let Some(letter) = self.peek(0) {
            let place = (self.line, self.column);
            if letter.is_whitespace() {
                self.next();
            } else if self.starts_with("//") {
                while self.peek(0).is_some_and(|letter| letter != '\n') {
                    self.next();
                }
            } else if self.starts_with("/*") {
                self.block_comment();
            } else if letter == '"' {
                self.next();
                self.quoted(place);
            } else if letter == '#' && matches!(self.peek(1), Some('"' | '#')) {
                self.raw_text(place);
            } else if letter == '`' {
                self.next();
                self.template(place);
            } else if letter == '\'' {
                self.character(place);
            } else if letter.is_ascii_digit() {
                self.number(place);
            } else if letter.is_alphabetic() || letter == '_' {
                let mut name = String::new();
                while let Some(letter) =
                    self.peek(0).filter(|letter| letter.is_alphanumeric() || *letter == '_')
                {
                    name.push(letter);
                    self.next();
                }
                self.push(Kind::Name(name), place);
            } else {
                if letter == '{' {
                    depth += 1;
                } else if letter == '}' {
                    if inside_text && depth == 0 {
                        self.next();
                        return;
                    }
                    depth = depth.saturating_sub(1);
                }
                self.sign(letter, place);
                if letter == '#' && self.words.last().is_some_and(|word| word.is("#{")) {
                    depth += 1;
                }
            }
        }
    }

    fn sign(&mut self, letter: char, place: (u32, u32)) {
        // Comparisons hold `=`, and an assignment is what is looked for.
        for pair in ["==", "!=", "<=", ">=", "=>", "||"] {
            if self.starts_with(pair) {
                self.skip(2);
                self.push(Kind::Other(letter), place);
                return;
            }
        }
        if let Some(sign) = SIGNS.iter().find(|sign| self.starts_with(sign)) {
            self.skip(sign.chars().count());
            self.push(Kind::Sign(sign), place);
        } else {
            self.next();
            self.push(Kind::Other(letter), place);
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0_usize;
        while self.peek(0).is_some() {
            if self.starts_with("/*") {
                depth += 1;
                self.skip(2);
            } else if self.starts_with("*/") {
                depth = depth.saturating_sub(1);
                self.skip(2);
                if depth == 0 {
                    return;
                }
            } else {
                self.next();
            }
        }
    }

    fn quoted(&mut self, place: (u32, u32)) {
        let mut text = String::new();
        while let Some(letter) = self.next() {
            match letter {
                '"' => break,
                '\\' => text.extend(self.next()),
                _ => text.push(letter),
            }
        }
        self.push(Kind::Text(text), place);
    }

    fn raw_text(&mut self, place: (u32, u32)) {
        let rest = self.letters.get(self.at..).unwrap_or_default();
        let hashes = rest.iter().take_while(|letter| **letter == '#').count();
        if self.peek(hashes) != Some('"') {
            self.next();
            self.push(Kind::Other('#'), place);
            return;
        }
        self.skip(hashes + 1);
        let end = format!("\"{}", "#".repeat(hashes));
        let mut text = String::new();
        while self.peek(0).is_some() && !self.starts_with(&end) {
            text.extend(self.next());
        }
        self.skip(hashes + 1);
        self.push(Kind::Text(text), place);
    }

    fn template(&mut self, place: (u32, u32)) {
        let mut text = String::new();
        let mut whole = true;
        while self.peek(0).is_some() {
            if self.starts_with("``") {
                text.push('`');
                self.skip(2);
            } else if self.starts_with("`") {
                self.next();
                break;
            } else if self.starts_with("${") && self.inside < MAX_INSIDE {
                if whole {
                    self.push(Kind::Value, place);
                }
                whole = false;
                self.skip(2);
                self.inside += 1;
                self.code(true);
                self.inside -= 1;
                self.push(Kind::Value, (self.line, self.column));
            } else {
                text.extend(self.next());
            }
        }
        if whole {
            self.push(Kind::Text(text), place);
        }
    }

    fn character(&mut self, place: (u32, u32)) {
        self.next();
        while let Some(letter) = self.next() {
            if letter == '\\' {
                self.next();
            } else if letter == '\'' {
                break;
            }
        }
        self.push(Kind::Value, place);
    }

    /// A number; `1..5` is a number and a range, `1.abs()` a number and a method.
    fn number(&mut self, place: (u32, u32)) {
        while let Some(letter) = self.peek(0) {
            let is_point = letter == '.' && self.peek(1).is_some_and(|next| next.is_ascii_digit());
            if !(letter.is_ascii_alphanumeric() || letter == '_' || is_point) {
                break;
            }
            self.next();
        }
        self.push(Kind::Value, place);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;

    fn names(source: &str) -> Vec<String> {
        words(source).iter().filter_map(|word| word.name().map(str::to_owned)).collect()
    }

    #[test]
    fn follows_texts_and_comments() {
        assert_eq!(names("a // b\n c /* d /* e */ f */ g"), ["a", "c", "g"]);
        assert_eq!(names(r#"a "b \" c" d"#), ["a", "d"]);
        assert_eq!(names("a `b ${c + #{ d: `${e}` }.d} f` g"), ["a", "c", "d", "e", "d", "g"]);
        assert_eq!(names("a #\"b \" c\"# d '\\'' e 1.5e3 f 1..g"), ["a", "d", "e", "f", "g"]);
    }

    #[test]
    fn finds_functions_with_their_places() {
        let source = "import \"lib/x\" as x;\n\n/// Says.\nfn validate(record, old) { if true { x::y(#{ a: 1 }) } }\nprivate fn z() {}";
        let found = functions(source);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].name.as_str(), found[0].line, found[0].column), ("validate", 4, 4));
        assert_eq!(found[0].parameters, ["record", "old"]);
        assert!(has_top_level(source));
        assert!(!has_top_level("// x\nfn a() { 1 }\nprivate fn b(c) { #{} }\n"));
        assert!(has_top_level("fn a() { 1 } const X = 1;"));
    }
}
