//! How people read a value. Knows words and languages; does not know pages.

/// A value as people read it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// On one line.
    pub text: String,
    /// All of it, or more exactly: the lines of an address, `3 / 5` beside stars. May be empty.
    pub exact: String,
    /// Where it leads; may be empty.
    pub href: String,
}

impl Shown {
    /// A text that leads nowhere.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A text that leads somewhere.
    pub fn leading(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self { text: text.into(), href: href.into(), ..Self::default() }
    }
}

/// How a number is written on a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NumberStyle {
    /// With its digits.
    #[default]
    Plain,
    /// With a percent sign.
    Percent,
    /// With its currency.
    Money,
    /// As hours and minutes; the number is one of seconds.
    Span,
}
