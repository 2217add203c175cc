//! The channel by which a result document leaves an executor.
//!
//! A host that offers one of its own has both standard streams for what the case prints, so that nothing printed can be taken for a result.

#[cfg(feature = "python")]
pub mod last;
#[cfg(all(feature = "python", target_os = "wasi"))]
pub mod memory;
#[cfg(feature = "python")]
pub mod way;

/// The variable by which a host offers a channel: it holds the path of a file to write to, or in WebAssembly [`IN_MEMORY`].
///
/// It is taken out of the environment before Python starts, so that no node sees it.
pub const VARIABLE: &str = "PARALLAX_RESULT";

/// The document stays in the guest's memory, where the host finds it by the export [`EXPORT`].
pub const IN_MEMORY: &str = "memory";

/// The function that gives the place of the document's pieces, or null where there is none.
pub const EXPORT: &str = "parallax_result";
