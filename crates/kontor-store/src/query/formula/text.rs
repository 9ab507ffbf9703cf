//! Texts: exact comparison, order by folded keys, characters counted from 1.

use sea_orm::Value as Bound;

use super::{Compiler, Holds, PARAMETER, Piece};

/// What a trim takes away: Unicode's white space, as Rust knows it.
const BLANKS: &str = "\u{9}\u{a}\u{b}\u{c}\u{d}\u{20}\u{85}\u{a0}\u{1680}\u{2000}\u{2001}\u{2002}\u{2003}\u{2004}\
    \u{2005}\u{2006}\u{2007}\u{2008}\u{2009}\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}";

impl Compiler<'_> {
    pub(super) fn text_literal(&self, text: &str) -> Piece {
        let sql = if self.is_sqlite() {
            PARAMETER.to_string()
        } else {
            format!("(CAST({PARAMETER} AS text) COLLATE \"C\")")
        };
        Piece { sql, values: vec![Bound::from(text.to_owned())], holds: Holds::Text, folded: None }
    }

    /// The folded text: where it is stored, or of ASCII.
    fn folded(&self, piece: &Piece) -> Piece {
        match &piece.folded {
            Some(folded) => (**folded).clone(),
            None => self.ascii("lower", piece),
        }
    }

    /// A function of letters that both databases know of ASCII alone.
    fn ascii(&self, function: &str, piece: &Piece) -> Piece {
        let raise = self.raise(":0", Holds::Text);
        let text = if self.is_sqlite() {
            format!("CASE WHEN length(:0) < length(CAST(:0 AS BLOB)) THEN {raise} ELSE {function}(:0) END")
        } else {
            format!(
                "CASE WHEN char_length(:0) < octet_length(:0) THEN {raise} ELSE {function}(:0 COLLATE \"C\") END"
            )
        };
        self.with(Holds::Text, &text, &[piece])
    }

    pub(super) fn compare_texts(&self, mark: &str, left: &Piece, right: &Piece) -> Piece {
        let (left, right) = (self.folded(left), self.folded(right));
        let collation = if self.is_sqlite() { "" } else { " COLLATE \"C\"" };
        self.build(Holds::Boolean, &format!("({{}}{collation} {mark} {{}}{collation})"), &[&left, &right])
    }

    /// Texts, numbers and days one after the other; empty when one is.
    pub(super) fn join(&self, pieces: &[Piece]) -> Option<Piece> {
        let shown = pieces.iter().map(|piece| self.shown(piece)).collect::<Option<Vec<Piece>>>()?;
        let all: Vec<&Piece> = shown.iter().collect();
        Some(self.build(Holds::Text, &format!("({})", vec!["{}"; shown.len()].join(" || ")), &all))
    }

    /// A value inside a text.
    fn shown(&self, piece: &Piece) -> Option<Piece> {
        match piece.holds {
            Holds::Text => Some(piece.clone()),
            Holds::Nothing => Some(self.empty(Holds::Text)),
            Holds::Number(0) if self.is_sqlite() => {
                Some(self.build(Holds::Text, "CAST({} AS text)", &[piece]))
            }
            Holds::Number(0) => Some(self.build(Holds::Text, "(CAST({} AS text) COLLATE \"C\")", &[piece])),
            Holds::Number(scale) => {
                let zeros = "0".repeat(usize::from(scale));
                let text = if self.is_sqlite() {
                    format!(
                        "rtrim(rtrim((CASE WHEN :0 < 0 THEN '-' ELSE '' END) || (abs(:0) / 1{zeros}) || '.' || \
                         substr('{zeros}' || (abs(:0) % 1{zeros}), -{scale}), '0'), '.')"
                    )
                } else {
                    format!(
                        "CAST(trim_scale(:0 * 0.{}1) AS text) COLLATE \"C\"",
                        "0".repeat(usize::from(scale) - 1)
                    )
                };
                Some(self.with(Holds::Text, &text, &[piece]))
            }
            Holds::Date if self.is_sqlite() => Some(Piece { holds: Holds::Text, ..piece.clone() }),
            Holds::Date => {
                Some(self.build(Holds::Text, "(to_char({}, 'YYYY-MM-DD') COLLATE \"C\")", &[piece]))
            }
            Holds::Boolean | Holds::DateTime | Holds::Id => None,
        }
    }

    pub(super) fn text_call(&self, name: &str, pieces: Vec<Piece>) -> Option<Piece> {
        if name == "concat" {
            let joined = self.join(&pieces)?;
            return Some(joined);
        }
        let pieces: Vec<Piece> = pieces
            .into_iter()
            .enumerate()
            .map(|(index, piece)| {
                let counts = matches!(name, "left" | "right") && index == 1;
                self.typed(piece, if counts { Holds::Number(0) } else { Holds::Text })
            })
            .collect();
        let first = pieces.first()?;
        if first.holds != Holds::Text {
            return None;
        }
        let length = if self.is_sqlite() { "length" } else { "char_length" };
        Some(match (name, pieces.get(1)) {
            ("upper" | "lower", _) => self.ascii(name, first),
            ("trim", _) => {
                let function = if self.is_sqlite() { "trim" } else { "btrim" };
                let blanks = self.text_literal(BLANKS);
                self.build(Holds::Text, &format!("NULLIF({function}({{}}, {{}}), '')"), &[first, &blanks])
            }
            ("length", _) if self.is_sqlite() => self.build(Holds::Number(0), "length({})", &[first]),
            ("length", _) => self.build(Holds::Number(0), "CAST(char_length({}) AS bigint)", &[first]),
            ("left" | "right", Some(count)) => {
                let count = self.rescale(count.clone(), 0);
                let text = match (name, self.is_sqlite()) {
                    ("left", true) => "NULLIF(substr(:0, 1, max(:1, 0)), '')",
                    ("left", false) => {
                        "NULLIF(\"left\"(:0, CAST(LEAST(GREATEST(:1, 0), 1000000000) AS int)), '')"
                    }
                    (_, true) => "CASE WHEN :1 <= 0 THEN NULL ELSE substr(:0, -min(:1, length(:0))) END",
                    (_, false) => {
                        "NULLIF(\"right\"(:0, CAST(LEAST(GREATEST(:1, 0), 1000000000) AS int)), '')"
                    }
                };
                let text = if self.is_sqlite() {
                    text.to_owned()
                } else {
                    // The least of a number and nothing would be the number.
                    format!("CASE WHEN :1 IS NULL THEN NULL ELSE {text} END")
                };
                self.with(Holds::Text, &text, &[first, &count])
            }
            ("replace", Some(part)) => {
                let nothing = self.empty(Holds::Text);
                let by = pieces.get(2).unwrap_or(&nothing);
                self.build(Holds::Text, "NULLIF(replace({}, {}, COALESCE({}, '')), '')", &[first, part, by])
            }
            ("contains", Some(part)) => {
                let (text, part) = (self.folded(first), self.folded(part));
                let function = if self.is_sqlite() { "instr" } else { "strpos" };
                self.build(Holds::Boolean, &format!("({function}({{}}, {{}}) > 0)"), &[&text, &part])
            }
            ("starts_with", Some(part)) => {
                let (text, part) = (self.folded(first), self.folded(part));
                let body = format!("(substr(:0, 1, {length}(:1)) = :1)");
                self.with(Holds::Boolean, &body, &[&text, &part])
            }
            _ => return None,
        })
    }
}
