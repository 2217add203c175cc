//! What the bench programs share: which cases they measure, and how criterion is told of a case that must not be measured.
//!
//! The programs are in `benches/`, one a question: `startup` (what does a way to run a case cost before the case computes?), `overhead` (what does a case take on each leg?), `marshaling` (what does an array cost on its way?), `fuel` (what does a case compute, to the unit?).

pub mod arguments;
pub mod arrays;
pub mod fuel;
pub mod place;
pub mod runner;
pub mod stop;
pub mod suite;
