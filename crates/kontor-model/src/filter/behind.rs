//! A filter seen from a record one link away.

use super::{FieldPath, Filter, Hop, Leaf, Linked, Operand};

impl Filter {
    /// The same condition on what a link reaches.
    #[must_use]
    pub fn behind(self, link: &Hop) -> Self {
        match self {
            Self::True => Self::True,
            Self::All(list) => Self::All(all(list, link)),
            Self::Any(list) => Self::Any(all(list, link)),
            Self::Not(filter) => Self::Not(Box::new(filter.behind(link))),
            Self::Leaf(leaf) => Self::Leaf(Leaf {
                path: leaf.path.behind(link.clone()),
                operator: leaf.operator,
                operand: match leaf.operand {
                    Operand::Field(path) => Operand::Field(path.behind(link.clone())),
                    other => other,
                },
            }),
            // What is asked of the record itself, such as what points at it, is asked where the link leads.
            own @ (Self::Has(_) | Self::Shared(_) | Self::Linked(_)) => Self::Linked(Linked {
                link: FieldPath::own(link.entity.clone(), link.field),
                to: link.to.clone(),
                filter: Box::new(own),
            }),
        }
    }
}

fn all(list: Vec<Filter>, link: &Hop) -> Vec<Filter> {
    list.into_iter().map(|filter| filter.behind(link)).collect()
}
