//! A filter seen from a record one link away.

use super::{Filter, Hop, Leaf, Operand};

impl Filter {
    /// The same condition on what a link reaches. `None` when it asks for records that point there: that can be asked of
    /// a record itself only.
    #[must_use]
    pub fn behind(self, link: &Hop) -> Option<Self> {
        Some(match self {
            Self::True => Self::True,
            Self::All(list) => Self::All(all(list, link)?),
            Self::Any(list) => Self::Any(all(list, link)?),
            Self::Not(filter) => Self::Not(Box::new(filter.behind(link)?)),
            Self::Leaf(leaf) => Self::Leaf(Leaf {
                path: leaf.path.behind(link.clone()),
                operator: leaf.operator,
                operand: match leaf.operand {
                    Operand::Field(path) => Operand::Field(path.behind(link.clone())),
                    other => other,
                },
            }),
            Self::Has(_) => return None,
        })
    }
}

fn all(list: Vec<Filter>, link: &Hop) -> Option<Vec<Filter>> {
    list.into_iter().map(|filter| filter.behind(link)).collect()
}
