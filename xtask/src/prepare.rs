//! What most verbs need first: everything provisioned, and both executors and the harness built.

use anyhow::Result;
use parallax_provision::plan::Guest;
use parallax_provision::provisioned::Provisioned;

use crate::build;
use crate::workspace::Workspace;

/// Provisions everything.
///
/// # Errors
/// Something cannot be had.
pub fn provision(workspace: &Workspace, guest: &Guest) -> Result<Provisioned> {
    let report = workspace.output().join("provision.json");
    parallax_provision::provision(&workspace.pins(), guest, &report)
}

/// Provisions and builds everything.
///
/// # Errors
/// Something cannot be had or does not compile.
pub fn prepare(workspace: &Workspace, guest: &Guest) -> Result<()> {
    let provisioned = provision(workspace, guest)?;
    build::build(workspace, &provisioned)
}
