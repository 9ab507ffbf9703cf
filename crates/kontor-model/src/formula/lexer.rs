//! Cuts a formula into words. Rhai's lexical rules, as far as expressions need them.

use crate::decimal::Decimal;

use super::error::{Position, Wrong};

/// A word of a formula.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// An exact number.
    Number(Decimal),
    /// A text without its quotation marks.
    Text(String),
    /// A name: field, function, `true`, `if`.
    Name(String),
    /// An operator or a bracket.
    Mark(&'static str),
}

/// The longer ones first, so that `<=` is not read as `<`.
const MARKS: [&str; 23] = [
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "!", "(", ")", "{", "}", ",", ".",
    "[", "]", ";",
];

/// The words with where they begin.
pub(super) fn tokens(source: &str) -> Result<Vec<(Token, Position)>, Wrong> {
    let mut reader = Reader { rest: source, position: Position { line: 1, column: 1 } };
    let mut tokens = Vec::new();
    loop {
        reader.skip_blanks();
        let position = reader.position;
        let Some(first) = reader.rest.chars().next() else { return Ok(tokens) };
        let token = if first.is_ascii_digit() {
            reader.number(position)?
        } else if first == '"' || first == '`' || first == '\'' {
            reader.text(first, position)?
        } else if first.is_alphabetic() || first == '_' {
            Token::Name(reader.take_while(|character| character.is_alphanumeric() || character == '_'))
        } else {
            let Some(mark) = MARKS.into_iter().find(|mark| reader.rest.starts_with(mark)) else {
                return Err(Wrong::at(position, "formula_character").with("value", first));
            };
            reader.advance(mark.len());
            Token::Mark(mark)
        };
        tokens.push((token, position));
    }
}

struct Reader<'a> {
    rest: &'a str,
    position: Position,
}

impl Reader<'_> {
    fn advance(&mut self, bytes: usize) {
        let (taken, rest) = self.rest.split_at(bytes.min(self.rest.len()));
        for character in taken.chars() {
            if character == '\n' {
                self.position.line += 1;
                self.position.column = 1;
            } else {
                self.position.column += 1;
            }
        }
        self.rest = rest;
    }

    fn take_while(&mut self, fits: impl Fn(char) -> bool) -> String {
        let length = self.rest.find(|character| !fits(character)).unwrap_or(self.rest.len());
        let taken = self.rest.get(..length).unwrap_or_default().to_owned();
        self.advance(length);
        taken
    }

    /// Blanks, and comments from `//` to the end of the line.
    fn skip_blanks(&mut self) {
        loop {
            self.take_while(char::is_whitespace);
            if !self.rest.starts_with("//") {
                return;
            }
            self.take_while(|character| character != '\n');
        }
    }

    fn number(&mut self, position: Position) -> Result<Token, Wrong> {
        let mut text = self.take_while(|character| character.is_ascii_digit() || character == '_');
        let mut after_point = self.rest.chars();
        if after_point.next() == Some('.') && after_point.next().is_some_and(|next| next.is_ascii_digit()) {
            self.advance(1);
            text.push('.');
            text.push_str(&self.take_while(|character| character.is_ascii_digit() || character == '_'));
        }
        let text = text.replace('_', "");
        text.parse().map(Token::Number).map_err(|_| Wrong::at(position, "formula_number").with("value", text))
    }

    fn text(&mut self, quote: char, position: Position) -> Result<Token, Wrong> {
        self.advance(1);
        let mut text = String::new();
        loop {
            let Some(next) = self.rest.chars().next() else {
                return Err(Wrong::at(position, "formula_open_text"));
            };
            self.advance(next.len_utf8());
            // In a script, what stands in `${…}` is worked out; a formula puts texts together with `+` and `concat`.
            if next == quote && quote == '`' && text.contains("${") {
                return Err(Wrong::at(position, "formula_interpolation"));
            }
            if next == quote {
                return Ok(Token::Text(text));
            }
            if next != '\\' || quote == '`' {
                text.push(next);
                continue;
            }
            let escaped = self.rest.chars().next();
            self.advance(escaped.map_or(0, char::len_utf8));
            match escaped {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some('r') => text.push('\r'),
                Some(other @ ('\\' | '"' | '\'')) => text.push(other),
                _ => return Err(Wrong::at(position, "formula_escape")),
            }
        }
    }
}
