//! Packs: folders of definitions, scripts and texts. Read from the binary or from a disk, by one reader.

pub mod embedded;
pub mod folder;
mod read;

pub use read::{FileProblem, Pack, PackFile, read_all, read_pack};
