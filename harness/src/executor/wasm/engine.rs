//! How wasmtime is set up: once for commands, once for copies of a warmed instance.

use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig,
};

use crate::error::Problem;

/// The interpreter's own recursion limit must be what stops a deep recursion, not the end of this stack.
const WASM_STACK: usize = 32 << 20;
/// Host functions run on the same stack, so it is larger than what the guest may use.
const TOTAL_STACK: usize = WASM_STACK + (2 << 20);

/// All that a 32-bit guest can address; a case's own limit is below.
const LARGEST_MEMORY: usize = 4 << 30;

/// The most instances at a time: as many as `--jobs` takes, and some that are being taken down.
const SLOTS: u32 = 288;

/// So much of what an instance has written to is put back by copying, and stays mapped for the next one: a copied page costs a fraction of a page fault.
const KEPT_RESIDENT: usize = 64 << 20;

/// For an instance that starts from nothing; memory is made for each.
///
/// Metering fuel costs time in every basic block, so that it is an engine of its own.
pub fn cold(metered: bool) -> Result<Engine, Problem> {
    make(common(OptLevel::Speed).consume_fuel(metered))
}

/// For an instance that runs once, where compiling quickly matters more than running quickly.
pub fn once() -> Result<Engine, Problem> {
    make(&mut common(OptLevel::None))
}

/// For many short-lived instances of one module: their memory is taken from a pool, and holds the module's image without a copy.
pub fn pooled(metered: bool) -> Result<Engine, Problem> {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_core_instances(SLOTS)
        .total_memories(SLOTS)
        .total_tables(SLOTS)
        .total_stacks(SLOTS)
        // Exceptions live in a heap of wasmtime's, one an instance.
        .total_gc_heaps(SLOTS)
        .max_memory_size(LARGEST_MEMORY)
        .table_elements(1 << 17)
        .max_unused_warm_slots(8)
        .linear_memory_keep_resident(KEPT_RESIDENT)
        .table_keep_resident(1 << 20)
        // Where the kernel can say which pages those are; elsewhere they are taken away.
        .pagemap_scan(Enabled::Auto);
    let strategy = InstanceAllocationStrategy::Pooling(pool);
    make(
        common(OptLevel::Speed)
            .allocation_strategy(strategy)
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
