//! Exact numbers: whole units in 64 bits, half away from zero. What does not fit raises.

use kontor_model::Value;
use kontor_model::formula::{Binary, Tree};

use super::{Compiler, Holds, Piece};

/// The most digits after the point.
const MOST: u8 = kontor_model::decimal::MAX_SCALE;

fn power(digits: u8) -> String {
    format!("1{}", "0".repeat(usize::from(digits)))
}

impl Compiler<'_> {
    /// Whole numbers that SQLite made of whole numbers, unless they did not fit.
    pub(super) fn checked(&self, holds: Holds, text: &str, pieces: &[&Piece]) -> Piece {
        if !self.is_sqlite() {
            return self.with(holds, &format!("CAST({text} AS bigint)"), pieces);
        }
        let inner = self.with(holds, text, pieces);
        let raise = self.raise(":0", holds);
        self.with(holds, &format!("CASE WHEN typeof(:0) = 'real' THEN {raise} ELSE :0 END"), &[&inner])
    }

    /// The same number in another scale.
    pub(super) fn rescale(&self, piece: Piece, scale: u8) -> Piece {
        let Holds::Number(from) = piece.holds else { return piece };
        let holds = Holds::Number(scale);
        if scale == from {
            return piece;
        }
        if scale > from {
            let factor = power(scale - from);
            let wide = if self.is_sqlite() { ":0" } else { "CAST(:0 AS numeric)" };
            return self.checked(holds, &format!("{wide} * {factor}"), &[&piece]);
        }
        self.rounded(holds, &piece, from - scale)
    }

    /// Whole units without their last digits.
    fn rounded(&self, holds: Holds, piece: &Piece, digits: u8) -> Piece {
        let divisor = power(digits);
        let text = if self.is_sqlite() {
            format!(
                "(:0 / {divisor} + (abs(:0 % {divisor}) * 2 >= {divisor}) * (CASE WHEN :0 < 0 THEN -1 ELSE 1 END))"
            )
        } else {
            format!("CAST(round(CAST(:0 AS numeric) * 0.{}1) AS bigint)", "0".repeat(usize::from(digits) - 1))
        };
        self.with(holds, &text, &[piece])
    }

    pub(super) fn compare_numbers(&self, mark: &str, left: &Piece, right: &Piece) -> Piece {
        self.build(Holds::Boolean, &format!("({{}} {mark} {{}})"), &[left, right])
    }

    pub(super) fn arithmetic(&self, operator: Binary, left: Piece, right: Piece) -> Option<Piece> {
        let (left, right) = (self.number(left)?, self.number(right)?);
        let (Holds::Number(from), Holds::Number(to)) = (left.holds, right.holds) else { return None };
        let common = from.max(to);
        let wide = |place: &str| {
            if self.is_sqlite() { place.to_owned() } else { format!("CAST({place} AS numeric)") }
        };
        Some(match operator {
            Binary::Add | Binary::Subtract => {
                let mark = if operator == Binary::Add { "+" } else { "-" };
                let text = format!(
                    "{} * {} {mark} {} * {}",
                    wide(":0"),
                    power(common - from),
                    wide(":1"),
                    power(common - to)
                );
                self.checked(Holds::Number(common), &text, &[&left, &right])
            }
            Binary::Multiply => {
                let scale = from + to;
                if scale <= MOST {
                    let text = format!("{} * {}", wide(":0"), wide(":1"));
                    return Some(self.checked(Holds::Number(scale), &text, &[&left, &right]));
                }
                let digits = scale - MOST;
                if self.is_sqlite() {
                    let product = self.checked(Holds::Number(scale), ":0 * :1", &[&left, &right]);
                    return Some(self.rounded(Holds::Number(MOST), &product, digits));
                }
                let fraction = format!("0.{}1", "0".repeat(usize::from(digits) - 1));
                let text = format!("CAST(round({} * {} * {fraction}) AS bigint)", wide(":0"), wide(":1"));
                self.with(Holds::Number(MOST), &text, &[&left, &right])
            }
            Binary::Divide => {
                // Eight digits after the point: the dividend is moved by as many as that takes.
                let shift = MOST + to - from.min(MOST + to);
                let moved =
                    self.checked(Holds::Number(0), &format!("{} * {}", wide(":0"), power(shift)), &[&left]);
                let text = if self.is_sqlite() {
                    "CASE WHEN :1 = 0 THEN NULL ELSE :0 / :1 + (abs(:0 % :1) >= abs(:1) - abs(:0 % :1)) * \
                     (CASE WHEN (:0 < 0) = (:1 < 0) THEN 1 ELSE -1 END) END"
                } else {
                    "CASE WHEN :1 = 0 THEN NULL ELSE CAST((CASE WHEN (:0 < 0) = (:1 < 0) THEN 1 ELSE -1 END) * \
                     div(2 * abs(CAST(:0 AS numeric)) + abs(CAST(:1 AS numeric)), 2 * abs(CAST(:1 AS numeric))) \
                     AS bigint) END"
                };
                self.with(Holds::Number(MOST), text, &[&moved, &right])
            }
            Binary::Remainder => {
                let (left, right) = (self.rescale(left, common), self.rescale(right, common));
                let text = "CASE WHEN :1 = 0 THEN NULL ELSE :0 % :1 END";
                self.with(Holds::Number(common), text, &[&left, &right])
            }
            _ => return None,
        })
    }

    fn number(&self, piece: Piece) -> Option<Piece> {
        match piece.holds {
            Holds::Number(_) => Some(piece),
            Holds::Nothing => Some(self.empty(Holds::Number(0))),
            _ => None,
        }
    }

    pub(super) fn number_call(&self, name: &str, trees: &[Tree], pieces: Vec<Piece>) -> Option<Piece> {
        if matches!(name, "min" | "max") {
            let (holds, pieces) = self.same(pieces)?;
            return match holds {
                Holds::Number(_) | Holds::Date | Holds::DateTime => Some(self.extreme(name, holds, &pieces)),
                _ => None,
            };
        }
        let piece = self.number(pieces.into_iter().next()?)?;
        let Holds::Number(scale) = piece.holds else { return None };
        match name {
            "abs" => Some(self.build(piece.holds, "abs({})", &[&piece])),
            "round" => {
                let digits = match trees.get(1) {
                    None => 0,
                    Some(Tree::Literal(Value::Decimal(digits))) => {
                        u8::try_from(digits.rescale(0)?.units()).ok().filter(|digits| *digits <= MOST)?
                    }
                    Some(_) => return None,
                };
                Some(self.rescale(piece, digits))
            }
            _ if scale == 0 => Some(piece),
            "floor" => {
                let text = format!("(:0 / {0} - (CASE WHEN :0 % {0} < 0 THEN 1 ELSE 0 END))", power(scale));
                Some(self.with(Holds::Number(0), &text, &[&piece]))
            }
            _ => {
                let text = format!("(:0 / {0} + (CASE WHEN :0 % {0} > 0 THEN 1 ELSE 0 END))", power(scale));
                Some(self.with(Holds::Number(0), &text, &[&piece]))
            }
        }
    }

    /// The least or greatest of some; empty when one is.
    fn extreme(&self, name: &str, holds: Holds, pieces: &[Piece]) -> Piece {
        let all: Vec<&Piece> = pieces.iter().collect();
        let names: Vec<String> = (0..pieces.len()).map(|index| format!(":{index}")).collect();
        let function = match (self.is_sqlite(), name) {
            (true, name) => name,
            (false, "min") => "LEAST",
            (false, _) => "GREATEST",
        };
        if pieces.len() == 1 {
            return self.with(holds, ":0", &all);
        }
        let empty: Vec<String> = names.iter().map(|name| format!("{name} IS NULL")).collect();
        let text =
            format!("CASE WHEN {} THEN NULL ELSE {function}({}) END", empty.join(" OR "), names.join(", "));
        self.with(holds, &text, &all)
    }
}
