//! The tree of a formula as written: names are not resolved and nothing has a type yet.

use super::error::{Position, Wrong};
use super::lexer::Token;
use crate::decimal::Decimal;

/// Deepest nesting that is accepted.
const MAX_DEPTH: usize = 64;
/// Most operators at one level: a row of them is a tree as deep as it is long.
const MAX_CHAIN: usize = 200;

/// An expression and where it begins.
#[derive(Clone, Debug)]
pub(super) struct Syntax {
    pub node: Node,
    pub position: Position,
}

#[derive(Clone, Debug)]
pub(super) enum Node {
    Number(Decimal),
    Text(String),
    Boolean(bool),
    /// `()`: nothing.
    Nothing,
    /// `account.industry`
    Path(String),
    Not(Box<Syntax>),
    Negate(Box<Syntax>),
    Binary(Binary, Box<Syntax>, Box<Syntax>),
    If(Box<Syntax>, Box<Syntax>, Option<Box<Syntax>>),
    Call(String, Vec<Syntax>),
}

/// Two-sided operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binary {
    /// `||`
    Or,
    /// `&&`
    And,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Remainder,
}

impl Binary {
    /// The operator of a mark and how strongly it binds; the numbers are Rhai's.
    fn of(mark: &str) -> Option<(Self, u8)> {
        Some(match mark {
            "||" => (Self::Or, 30),
            "&&" => (Self::And, 60),
            "==" => (Self::Equal, 90),
            "!=" => (Self::NotEqual, 90),
            "<" => (Self::Less, 130),
            "<=" => (Self::LessOrEqual, 130),
            ">" => (Self::Greater, 130),
            ">=" => (Self::GreaterOrEqual, 130),
            "+" => (Self::Add, 150),
            "-" => (Self::Subtract, 150),
            "*" => (Self::Multiply, 180),
            "/" => (Self::Divide, 180),
            "%" => (Self::Remainder, 180),
            _ => return None,
        })
    }

    /// The mark, for messages.
    pub(super) fn mark(self) -> &'static str {
        match self {
            Self::Or => "||",
            Self::And => "&&",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
        }
    }
}

/// Reads the whole source as one expression.
pub(super) fn parse(source: &str) -> Result<Syntax, Wrong> {
    let tokens = super::lexer::tokens(source)?;
    let end = tokens.last().map_or(Position { line: 1, column: 1 }, |(_, position)| *position);
    let mut parser = Parser { tokens: tokens.into_iter().peekable(), end, depth: 0 };
    let syntax = parser.expression(0)?;
    match parser.tokens.next() {
        None => Ok(syntax),
        Some((token, position)) => Err(unexpected(&token, position)),
    }
}

struct Parser {
    tokens: std::iter::Peekable<std::vec::IntoIter<(Token, Position)>>,
    end: Position,
    depth: usize,
}

impl Parser {
    /// An expression whose operators bind more strongly than `least` (Pratt's method).
    fn expression(&mut self, least: u8) -> Result<Syntax, Wrong> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Wrong::at(self.position(), "too_deep").with("limit", MAX_DEPTH));
        }
        let mut left = self.operand()?;
        let mut chain = 0_usize;
        while let Some((Token::Mark(mark), position)) = self.tokens.peek() {
            let position = *position;
            let Some((operator, strength)) = Binary::of(mark).filter(|(_, strength)| *strength > least)
            else {
                break;
            };
            chain += 1;
            if chain > MAX_CHAIN {
                return Err(Wrong::at(position, "too_deep").with("limit", MAX_CHAIN));
            }
            self.tokens.next();
            let right = self.expression(strength)?;
            left = Syntax { node: Node::Binary(operator, Box::new(left), Box::new(right)), position };
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operand(&mut self) -> Result<Syntax, Wrong> {
        let Some((token, position)) = self.tokens.next() else {
            return Err(Wrong::at(self.end, "formula_end"));
        };
        let node = match token {
            Token::Number(number) => Node::Number(number),
            Token::Text(text) => Node::Text(text),
            Token::Mark("-") => Node::Negate(Box::new(self.tight()?)),
            Token::Mark("+") => return self.tight(),
            Token::Mark("!") => Node::Not(Box::new(self.tight()?)),
            Token::Mark("(") if self.eat(")") => Node::Nothing,
            Token::Mark("(") => {
                let inner = self.expression(0)?;
                self.expect(")")?;
                return Ok(inner);
            }
            Token::Name(name) => match name.as_str() {
                "true" => Node::Boolean(true),
                "false" => Node::Boolean(false),
                "if" if !self.at("(") || !self.is_call() => return self.condition(position),
                _ if self.eat("(") => Node::Call(name, self.arguments()?),
                _ => Node::Path(self.path(name)?),
            },
            token @ Token::Mark(_) => return Err(unexpected(&token, position)),
        };
        Ok(Syntax { node, position })
    }

    /// What a sign or `!` belongs to.
    fn tight(&mut self) -> Result<Syntax, Wrong> {
        self.expression(200)
    }

    /// Whether `if (` begins the call `if(c, a, b)`: a comma stands inside its brackets, at their own level.
    fn is_call(&self) -> bool {
        let mut level = 0_usize;
        for (token, _) in self.tokens.clone() {
            match token {
                Token::Mark("(") => level += 1,
                Token::Mark(")") if level == 1 => return false,
                Token::Mark(")") => level -= 1,
                Token::Mark(",") if level == 1 => return true,
                _ => {}
            }
        }
        false
    }

    fn condition(&mut self, position: Position) -> Result<Syntax, Wrong> {
        let condition = self.expression(0)?;
        let then = self.block()?;
        let mut otherwise = None;
        if matches!(self.tokens.peek(), Some((Token::Name(name), _)) if name == "else") {
            let _ = self.tokens.next();
            let is_chain = matches!(self.tokens.peek(), Some((Token::Name(name), _)) if name == "if");
            let part = if is_chain {
                let position = self.position();
                let _ = self.tokens.next();
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err(Wrong::at(position, "too_deep").with("limit", MAX_DEPTH));
                }
                let chained = self.condition(position)?;
                self.depth -= 1;
                chained
            } else {
                self.block()?
            };
            otherwise = Some(Box::new(part));
        }
        Ok(Syntax { node: Node::If(Box::new(condition), Box::new(then), otherwise), position })
    }

    fn block(&mut self) -> Result<Syntax, Wrong> {
        self.expect("{")?;
        let inner = self.expression(0)?;
        self.expect("}")?;
        Ok(inner)
    }

    fn arguments(&mut self) -> Result<Vec<Syntax>, Wrong> {
        let mut arguments = Vec::new();
        if self.eat(")") {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.expression(0)?);
            if self.eat(")") {
                return Ok(arguments);
            }
            self.expect(",")?;
        }
    }

    fn path(&mut self, first: String) -> Result<String, Wrong> {
        let mut path = first;
        while self.eat(".") {
            match self.tokens.next() {
                Some((Token::Name(name), _)) => {
                    path.push('.');
                    path.push_str(&name);
                }
                Some((token, position)) => return Err(unexpected(&token, position)),
                None => return Err(Wrong::at(self.end, "formula_end")),
            }
        }
        Ok(path)
    }

    fn at(&mut self, mark: &str) -> bool {
        matches!(self.tokens.peek(), Some((Token::Mark(next), _)) if *next == mark)
    }

    fn eat(&mut self, mark: &str) -> bool {
        let found = self.at(mark);
        if found {
            self.tokens.next();
        }
        found
    }

    fn expect(&mut self, mark: &'static str) -> Result<(), Wrong> {
        match self.tokens.next() {
            Some((Token::Mark(next), _)) if next == mark => Ok(()),
            Some((token, position)) => Err(unexpected(&token, position).with("expected", mark)),
            None => Err(Wrong::at(self.end, "formula_missing").with("expected", mark)),
        }
    }

    fn position(&mut self) -> Position {
        self.tokens.peek().map_or(self.end, |(_, position)| *position)
    }
}

fn unexpected(token: &Token, position: Position) -> Wrong {
    let shown = match token {
        Token::Number(number) => number.to_string(),
        Token::Text(text) => format!("\"{text}\""),
        Token::Name(name) => name.clone(),
        Token::Mark(mark) => (*mark).to_owned(),
    };
    Wrong::at(position, "formula_unexpected").with("value", shown)
}
