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

/// Among which others a kind stands where one is chosen. Its words are `ui.kind_group.<name>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// What is written.
    Text,
    /// What is counted and measured.
    Number,
    /// Days, hours, lengths of time.
    Time,
    /// What is picked from a few.
    Choice,
    /// Who and where somebody is, and how they are reached.
    Contact,
    /// Files of all sorts.
    File,
    /// Other records.
    Relation,
}

impl Group {
    /// All of them, in the order of the add-field page.
    pub const ALL: [Self; 7] =
        [Self::Text, Self::Number, Self::Time, Self::Choice, Self::Contact, Self::File, Self::Relation];

    /// The name in the catalogues.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Time => "time",
            Self::Choice => "choice",
            Self::Contact => "contact",
            Self::File => "file",
            Self::Relation => "relation",
        }
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
