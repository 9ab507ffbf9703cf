//! Runs what waits: events start workflows, runs take their steps. Each step's effect and the run's new position are
//! committed together, so that a step happens once, whenever the process dies.

mod approval;
mod clock;
mod due;
mod event;
mod fault;
mod machine;
mod outside;
mod parallel;
mod publication;
mod question;
mod run;
mod runner;
mod timer;
mod waiting;
mod window;

pub use runner::{Runner, start};
