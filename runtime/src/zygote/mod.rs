//! The zygote: a process that has started Python, imported the library and compiled the nodes, and answers each case in a fork of itself.
//!
//! It talks over the socket that is its standard input, one JSON message a packet.
//! First it says [`Report::Ready`].
//! An [`Order`] comes with three descriptors, which become the case's standard input, output and error; it is answered by [`Report::Started`] and [`Report::Ended`].
//! The process of the next case is forked ahead, and waits for its order.
//! It stays unreaped after its end until the next order, so that its id means no other process while somebody may still send it a signal.

#[cfg(all(feature = "python", unix))]
mod case;
#[cfg(all(feature = "python", unix))]
mod fork;
#[cfg(all(feature = "python", unix))]
mod fresh;
#[cfg(all(feature = "python", unix))]
mod huge;
#[cfg(all(feature = "python", unix))]
mod mappings;
mod message;
#[cfg(all(feature = "python", unix))]
mod orphans;
#[cfg(all(feature = "python", unix))]
mod serve;
#[cfg(all(feature = "python", unix))]
mod socket;
#[cfg(all(feature = "python", unix))]
mod waiting;

pub use message::{End, LONGEST, Order, Report};
#[cfg(all(feature = "python", unix))]
pub use serve::serve;

/// The flag that makes a zygote of the native executor.
pub const FLAG: &str = "--zygote";
