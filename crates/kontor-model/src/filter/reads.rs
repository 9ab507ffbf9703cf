//! What a filter reads and on what it depends, and two filters as one.

use super::{FieldPath, Filter, Has, Operand, Operator, Period};

impl Filter {
    /// Every path that the filter reads from the record itself, operands included; not those inside `has`.
    pub fn paths(&self) -> Vec<&FieldPath> {
        let mut paths = Vec::new();
        self.visit(&mut |filter| {
            if let Self::Leaf(leaf) = filter {
                paths.push(&leaf.path);
                if let Operand::Field(other) = &leaf.operand {
                    paths.push(other);
                }
            }
        });
        paths
    }

    /// The paths of links that are asked for a branch of a tree.
    pub fn tree_paths(&self) -> Vec<&FieldPath> {
        let mut paths = Vec::new();
        self.visit(&mut |filter| {
            if let Self::Leaf(leaf) = filter
                && leaf.operator == Operator::Under
            {
                paths.push(&leaf.path);
            }
        });
        paths
    }

    /// The paths that are asked for what they ever were.
    pub fn past_paths(&self) -> Vec<&FieldPath> {
        let mut paths = Vec::new();
        self.visit(&mut |filter| {
            if let Self::Leaf(leaf) = filter
                && leaf.operator == Operator::EverWas
            {
                paths.push(&leaf.path);
            }
        });
        paths
    }

    /// Whether it asks for the history of records, these or related ones.
    pub fn asks_for_history(&self) -> bool {
        !self.past_paths().is_empty() || self.has_conditions().iter().any(|has| has.filter.asks_for_history())
    }

    /// Every condition on related records, not those inside another one.
    pub fn has_conditions(&self) -> Vec<&Has> {
        let mut conditions = Vec::new();
        self.visit(&mut |filter| {
            if let Self::Has(has) = filter {
                conditions.push(has);
            }
        });
        conditions
    }

    /// Every condition on sharing and on what links reach, which are known before the filter is evaluated.
    pub fn far_conditions(&self) -> Vec<&Self> {
        let mut conditions = Vec::new();
        self.visit(&mut |filter| {
            if matches!(filter, Self::Shared(_) | Self::Linked(_)) {
                conditions.push(filter);
            }
        });
        conditions
    }

    /// Whether it asks what a save changed.
    pub fn asks_for_changes(&self) -> bool {
        let mut asks = false;
        self.visit(&mut |filter| {
            if let Self::Leaf(leaf) = filter {
                asks |= leaf.operator.is_about_changes();
            }
        });
        asks
    }

    /// Whether the same record may match for one reader and not for another.
    pub fn depends_on_reader(&self) -> bool {
        let mut depends = false;
        self.visit(&mut |filter| match filter {
            Self::Leaf(leaf) => {
                depends |= matches!(
                    leaf.operand,
                    Operand::Me
                        | Operand::MyTeam
                        | Operand::MyTeams
                        | Operand::MyTerritories
                        | Operand::User(_)
                );
            }
            Self::Has(has) => depends |= has.filter.depends_on_reader(),
            Self::Shared(_) | Self::Linked(_) => depends = true,
            _ => {}
        });
        depends
    }

    /// Whether the same record may match on one day and not on another.
    pub fn depends_on_today(&self) -> bool {
        let mut depends = false;
        self.visit(&mut |filter| match filter {
            Self::Leaf(leaf) => depends |= matches!(leaf.operand, Operand::Period(_) | Operand::Now(_)),
            Self::Has(has) => depends |= has.filter.depends_on_today(),
            Self::Shared(_) => depends = true,
            Self::Linked(linked) => depends |= linked.filter.depends_on_today(),
            _ => {}
        });
        depends
    }

    /// Whether the same record may match under other working hours, or with another holiday.
    pub fn reads_working_time(&self) -> bool {
        let mut reads = false;
        self.visit(&mut |filter| match filter {
            Self::Leaf(leaf) => {
                reads |= match leaf.operand {
                    Operand::Now(offset) | Operand::Period(Period::OlderThan(offset)) => {
                        offset.is_working_time()
                    }
                    _ => false,
                }
            }
            Self::Has(has) => reads |= has.filter.reads_working_time(),
            _ => {}
        });
        reads
    }

    fn visit<'a>(&'a self, visitor: &mut impl FnMut(&'a Self)) {
        visitor(self);
        match self {
            Self::All(list) | Self::Any(list) => list.iter().for_each(|filter| filter.visit(visitor)),
            Self::Not(filter) => filter.visit(visitor),
            Self::True | Self::Leaf(_) | Self::Has(_) | Self::Shared(_) | Self::Linked(_) => {}
        }
    }

    /// Both filters; `True` disappears.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::True, filter) | (filter, Self::True) => filter,
            (Self::All(mut list), Self::All(more)) => {
                list.extend(more);
                Self::All(list)
            }
            (Self::All(mut list), filter) => {
                list.push(filter);
                Self::All(list)
            }
            (filter, other) => Self::All(vec![filter, other]),
        }
    }
}
