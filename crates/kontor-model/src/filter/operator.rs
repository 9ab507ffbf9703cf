//! How a field is compared, and what that is called in filters.

/// How a field is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// Equal.
    Eq,
    /// Filled and not equal.
    Ne,
    /// Less.
    Lt,
    /// Less or equal.
    Lte,
    /// Greater.
    Gt,
    /// Greater or equal.
    Gte,
    /// From the first to the second, both included.
    Between,
    /// One of the list.
    In,
    /// None of the list.
    NotIn,
    /// Holds the text, folded.
    Contains,
    /// Does not hold the text, folded.
    NotContains,
    /// Begins with the text, folded.
    StartsWith,
    /// Ends with the text, folded.
    EndsWith,
    /// Is empty (`true`) or is not (`false`).
    Empty,
    /// Shares a value with the list.
    AnyOf,
    /// Has every value of the list.
    AllOf,
    /// Has no value of the list.
    NoneOf,
    /// Lies in a period relative to now.
    Within,
    /// Is the reader, the reader's team.
    Is,
    /// Is a record of a tree or one below it.
    Under,
    /// Was changed by this save (`true`) or was not; triggers and processes only.
    Changed,
    /// Was something else before this save and is this now; triggers and processes only.
    ChangedTo,
    /// Was this before this save and is something else now; triggers and processes only.
    ChangedFrom,
    /// Was this before this save; triggers and processes only.
    Was,
    /// Is this now, or was it at any time of which the record's history tells.
    EverWas,
    /// Is the same number when it is dialled; for duplicate rules, nobody writes it.
    Alike,
}

impl Operator {
    /// Every operator with its key in filters.
    pub const ALL: [(Self, &'static str); 26] = [
        (Self::Eq, "eq"),
        (Self::Ne, "ne"),
        (Self::Lt, "lt"),
        (Self::Lte, "lte"),
        (Self::Gt, "gt"),
        (Self::Gte, "gte"),
        (Self::Between, "between"),
        (Self::In, "in"),
        (Self::NotIn, "not_in"),
        (Self::Contains, "contains"),
        (Self::NotContains, "not_contains"),
        (Self::StartsWith, "starts_with"),
        (Self::EndsWith, "ends_with"),
        (Self::Empty, "empty"),
        (Self::AnyOf, "any_of"),
        (Self::AllOf, "all_of"),
        (Self::NoneOf, "none_of"),
        (Self::Within, "within"),
        (Self::Is, "is"),
        (Self::Under, "under"),
        (Self::Changed, "changed"),
        (Self::ChangedTo, "changed_to"),
        (Self::ChangedFrom, "changed_from"),
        (Self::Was, "was"),
        (Self::EverWas, "ever_was"),
        (Self::Alike, "alike"),
    ];

    /// The key in filters: `not_in`.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(operator, _)| *operator == self).map_or("eq", |(_, key)| key)
    }

    /// The operator of that key.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, other)| *other == key).map(|(operator, _)| *operator)
    }

    /// Whether it asks what a save changed.
    pub fn is_about_changes(self) -> bool {
        matches!(self, Self::Changed | Self::ChangedTo | Self::ChangedFrom | Self::Was)
    }
}
