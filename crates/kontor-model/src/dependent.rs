//! Which stored values follow a field: worked out once from the definitions, so that a save knows whom it concerns.

/// A stored, derived value of some record that follows a field of the entity that has this entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Dependent {
    /// The field that is followed, by its index.
    pub on: usize,
    /// The entity with the derived field.
    pub entity: String,
    /// The derived field, by its index.
    pub field: usize,
    /// Its place in the order of all derived values of the model: what it needs comes before it.
    pub rank: usize,
    /// How one gets from a changed record to those that follow it; nothing for the record itself.
    pub route: Vec<Step>,
}

/// One step from records to related records.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// To the records of `entity` whose link points at them.
    Back {
        /// The entity with the link.
        entity: String,
        /// The link, by its index there.
        field: usize,
    },
    /// From rates to the records of `entity` with an amount in a currency that they name, but the workspace's own.
    Priced {
        /// The entity with the amount.
        entity: String,
        /// The currency of the amount, by its index there.
        currency: usize,
    },
    /// From holidays to all records of `entity`.
    Every {
        /// The entity.
        entity: String,
    },
    /// To the records of `to` that their link points at, and, as the first step, pointed at before.
    Forward {
        /// The link, by its index.
        field: usize,
        /// The entity that it points at.
        to: String,
    },
}
