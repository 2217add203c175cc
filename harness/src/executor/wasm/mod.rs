//! The WebAssembly leg, in an embedded wasmtime: an instance a case, started from nothing or copied from a warmed one.

mod answer;
mod capture;
pub mod command;
mod context;
mod copy;
mod engine;
mod epoch;
mod fuel;
mod memory;
mod module_cache;
mod open_files;
mod run;
mod snapshot;
mod state;
mod streams;

pub use self::command::CommandExecutor;
pub use self::copy::CopyExecutor;
