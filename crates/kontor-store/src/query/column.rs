//! What a select reads: a path becomes one or two columns, and knows how to be read back.

use kontor_model::filter::FieldPath;
use sea_orm::QueryResult;
use sea_orm::sea_query::SelectStatement;

use super::Plan;
use super::frame::Frame;
use super::mask::Reader;
use crate::error::Result;
use crate::shape::{self, Shape};
use kontor_model::{Model, Value};

/// The columns of a select, in order.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    shapes: Vec<(Shape, usize)>,
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
        self.shapes.push((place.shape, self.width));
        self.width += place.shape.width();
        Ok(())
    }

    /// How many columns there are so far.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// The values of a row, one per path.
    pub(crate) fn read(&self, model: &Model, row: &QueryResult) -> Result<Vec<Value>> {
        self.shapes.iter().map(|(shape, index)| shape::decode(*shape, row, *index, model)).collect()
    }
}
