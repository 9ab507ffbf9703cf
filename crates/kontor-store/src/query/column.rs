//! What a select reads: a path becomes one or two columns, and knows how to be read back.

use kontor_model::filter::FieldPath;
use sea_orm::QueryResult;
use sea_orm::sea_query::SelectStatement;

use super::Plan;
use super::frame::Frame;
use super::mask::Reader;
use crate::error::Result;
use crate::names::Names;
use crate::shape::{self, Shape};
use kontor_model::{Model, Value};

/// Where a value is read.
#[derive(Debug)]
struct Slot {
    shape: Shape,
    at: usize,
    /// Of a sealed value: the keys of its entity and field.
    sealed: Option<(String, String)>,
}

/// The columns of a select, in order.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    slots: Vec<Slot>,
    width: usize,
}

impl Columns {
    /// Adds a path.
    pub(crate) fn add<'a>(
        &mut self,
        plan: &Plan<'a>,
        frame: &mut Frame<'a>,
        select: &mut SelectStatement,
        path: &FieldPath,
        reader: Reader,
    ) -> Result<()> {
        let place = plan.place(frame, path, reader)?;
        select.expr(place.column());
        if place.shape == Shape::AnyLink {
            select.expr(place.entity_column());
        }
        let is_sealed = place.shape == Shape::Sealed;
        if is_sealed {
            select.expr(place.id_column());
        }
        let sealed = is_sealed.then(|| (place.entity.key.clone(), place.field.key.clone()));
        self.slots.push(Slot { shape: place.shape, at: self.width, sealed });
        self.width += place.shape.width();
        Ok(())
    }

    /// How many columns there are so far.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// The values of a row, one per path.
    pub(crate) fn read(&self, names: &Names, model: &Model, row: &QueryResult) -> Result<Vec<Value>> {
        let read = |slot: &Slot| match &slot.sealed {
            Some((table, key)) => shape::open(names, table, key, row, slot.at),
            None => shape::decode(slot.shape, row, slot.at, model),
        };
        self.slots.iter().map(read).collect()
    }
}
