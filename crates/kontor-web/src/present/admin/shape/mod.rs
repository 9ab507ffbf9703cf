//! The form that the meta-schema of a kind draws for its definitions, and the documentation of the kind from the same.

pub mod acts;
mod choices;
pub mod document;
pub mod draw;
mod labels;
mod layered;
pub mod names;
pub mod naming;
pub mod node;
pub mod problems;
pub mod read;
pub mod said;
pub mod values;

pub use names::Known;
