//! Days. What leaves the years 1 to 9999 raises.

use kontor_model::Value;

use super::{Compiler, Holds, Piece};

/// So many days lie between any two that can be stored.
const FAR: i64 = 3_700_000;

impl Compiler<'_> {
    /// A day moved by days.
    pub(super) fn moved(&self, back: bool, day: &Piece, days: Piece) -> Option<Piece> {
        let days = match days.holds {
            Holds::Number(_) => self.rescale(days, 0),
            Holds::Nothing => self.empty(Holds::Number(0)),
            _ => return None,
        };
        let sign = if back { "-" } else { "" };
        let far = format!("abs(:1) > {FAR}");
        let raise = self.raise(":1", Holds::Date);
        let moved = if self.is_sqlite() {
            let text = format!("CASE WHEN {far} THEN {raise} ELSE date(:0, ({sign}:1) || ' days') END");
            self.with(Holds::Date, &text, &[day, &days])
        } else {
            let text = format!("CASE WHEN {far} THEN {raise} ELSE :0 + CAST({sign}:1 AS int) END");
            self.with(Holds::Date, &text, &[day, &days])
        };
        Some(self.within(&moved, day, &days))
    }

    /// The day, when it has a place in the calendar; of the same things it was made of, to tell nothing from too far.
    fn within(&self, moved: &Piece, day: &Piece, by: &Piece) -> Piece {
        let raise = self.raise(":1", Holds::Date);
        let outside = if self.is_sqlite() {
            ":0 IS NULL OR :0 < '0001-01-01' OR :0 > '9999-12-31'"
        } else {
            ":0 < DATE '0001-01-01' OR :0 > DATE '9999-12-31'"
        };
        let text =
            format!("CASE WHEN :1 IS NULL OR :2 IS NULL THEN NULL WHEN {outside} THEN {raise} ELSE :0 END");
        self.with(Holds::Date, &text, &[moved, day, by])
    }

    pub(super) fn time_call(&self, name: &str, pieces: Vec<Piece>) -> Option<Piece> {
        match name {
            "today" => return self.literal(&Value::Date(self.context.today())),
            "now" => return self.literal(&Value::DateTime(self.context.now)),
            _ => {}
        }
        if name == "date" {
            return self.made(pieces);
        }
        let mut pieces = pieces.into_iter();
        let first = self.typed(pieces.next()?, Holds::Date);
        // The day of a moment depends on the rules of a zone, which the databases may know in another edition.
        if first.holds != Holds::Date {
            return None;
        }
        let part = |from: u8, length: u8, word: &str| {
            let text = if self.is_sqlite() {
                format!("CAST(substr({{}}, {from}, {length}) AS INTEGER)")
            } else {
                format!("CAST(extract({word} FROM {{}}) AS bigint)")
            };
            self.build(Holds::Number(0), &text, &[&first])
        };
        match name {
            "year" => Some(part(1, 4, "year")),
            "month" => Some(part(6, 2, "month")),
            "day" => Some(part(9, 2, "day")),
            "days_between" => {
                let second = self.typed(pieces.next()?, Holds::Date);
                if second.holds != Holds::Date {
                    return None;
                }
                let text = if self.is_sqlite() {
                    "CAST(julianday({}) - julianday({}) AS INTEGER)"
                } else {
                    "CAST({} - {} AS bigint)"
                };
                Some(self.build(Holds::Number(0), text, &[&second, &first]))
            }
            "add_days" => self.moved(false, &first, pieces.next()?),
            "add_months" => {
                let months = pieces.next()?;
                let months = match months.holds {
                    Holds::Number(_) => self.rescale(months, 0),
                    Holds::Nothing => self.empty(Holds::Number(0)),
                    _ => return None,
                };
                let raise = self.raise(":1", Holds::Date);
                let text = if self.is_sqlite() {
                    format!(
                        "CASE WHEN abs(:1) > 120000 THEN {raise} ELSE date(:0, :1 || ' months', 'floor') END"
                    )
                } else {
                    format!(
                        "CASE WHEN abs(:1) > 120000 THEN {raise} ELSE \
                         CAST(:0 + make_interval(months => CAST(:1 AS int)) AS date) END"
                    )
                };
                let moved = self.with(Holds::Date, &text, &[&first, &months]);
                Some(self.within(&moved, &first, &months))
            }
            _ => None,
        }
    }

    /// A day of its parts; nothing when there is no such day.
    fn made(&self, pieces: Vec<Piece>) -> Option<Piece> {
        let parts: Vec<Piece> = pieces
            .into_iter()
            .map(|piece| match piece.holds {
                Holds::Number(_) => self.rescale(piece, 0),
                _ => self.empty(Holds::Number(0)),
            })
            .collect();
        let [year, month, day] = parts.as_slice() else { return None };
        let fits = ":0 BETWEEN 1 AND 9999 AND :1 BETWEEN 1 AND 12 AND :2 BETWEEN 1 AND 31";
        if self.is_sqlite() {
            let text = format!("CASE WHEN {fits} THEN printf('%04d-%02d-%02d', :0, :1, :2) END");
            let written = self.with(Holds::Date, &text, &[year, month, day]);
            // A day that the month does not have is another one to the calendar.
            return Some(self.with(Holds::Date, "CASE WHEN date(:0) = :0 THEN :0 END", &[&written]));
        }
        let first = "make_date(CAST(:0 AS int), CAST(:1 AS int), 1)";
        let text = format!(
            "CASE WHEN {fits} THEN CASE WHEN extract(month FROM {first} + (CAST(:2 AS int) - 1)) = :1 \
             THEN {first} + (CAST(:2 AS int) - 1) END END"
        );
        Some(self.with(Holds::Date, &text, &[year, month, day]))
    }
}
