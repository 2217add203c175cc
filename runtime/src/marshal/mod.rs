//! How values cross the boundary between host and executor.

pub mod json_base64;
