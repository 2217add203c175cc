//! How wasmtime is set up: once for commands, once for copies of a warmed instance.

use std::sync::Arc;

use wasmtime::{Config, Engine, OptLevel};

use super::memory::{Image, MemoryPool, StackPool};
use crate::error::Problem;

/// The interpreter's own recursion limit must be what stops a deep recursion, not the end of this stack.
const WASM_STACK: usize = 32 << 20;
/// Host functions run on the same stack, so it is larger than what the guest may use.
const TOTAL_STACK: usize = WASM_STACK + (2 << 20);

/// For an instance that starts from nothing; memory is made for each.
///
/// Metering fuel costs time in every basic block, so a run that meters it has an engine of its own.
pub fn cold(metered: bool) -> Result<Engine, Problem> {
    make(common(OptLevel::Speed).consume_fuel(metered))
}

/// For an instance that runs once, where compiling quickly matters more than running quickly.
pub fn once() -> Result<Engine, Problem> {
    make(&mut common(OptLevel::None))
}

/// For many short-lived instances of one module, whose memory begins as the image.
pub fn copies(image: Image, metered: bool) -> Result<Engine, Problem> {
    make(
        common(OptLevel::Speed)
            .with_host_memory(Arc::new(MemoryPool::new(image)))
            .with_host_stack(Arc::new(StackPool::default()))
            .consume_fuel(metered),
    )
}

fn common(level: OptLevel) -> Config {
    let mut config = Config::new();
    config
        .cranelift_opt_level(level)
        .epoch_interruption(true)
        .max_wasm_stack(WASM_STACK)
        .async_stack_size(TOTAL_STACK);
    config
}

fn make(config: &mut Config) -> Result<Engine, Problem> {
    Engine::new(config)
        .map_err(|error| Problem::environment(format!("failed to set up wasmtime: {error:#}")))
}
