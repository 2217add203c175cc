use proptest::prelude::*;
use wasmtime::{Config, Engine, Instance, Module, Store, Trap, TypedFunc};

use super::slot::{KEPT_BEHIND_IMAGE, KEPT_OF_IMAGE};
use super::*;

const WASM_PAGE: usize = 64 << 10;

/// Bytes that differ from their neighbours' and are seldom zero.
fn contents(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index % 251) as u8).collect()
}

/// A pool of memories of `size` bytes that begin with `length` bytes of an image.
fn pool(length: usize, size: usize, pagemap: bool) -> MemoryPool {
    let mut pool = MemoryPool::new(Image::new(&contents(length), size).expect("an image"));
    if !pagemap {
        Arc::get_mut(&mut pool.0).expect("nobody else").pagemap = None;
    }
    pool
}

/// A memory of the image's size.
fn lend(pool: &MemoryPool) -> Box<dyn LinearMemory> {
    let size = pool.0.image.size();
    let ty = MemoryType::new((size / WASM_PAGE) as u32, None);
    let reserved = Some(4 << 30);
    let made = pool.new_memory(ty, size, None, reserved, 32 << 20);
    made.expect("a memory")
}

fn bytes(memory: &mut Box<dyn LinearMemory>) -> &mut [u8] {
    // SAFETY: the memory is accessible that far, and borrowed.
    unsafe { std::slice::from_raw_parts_mut(memory.as_ptr(), memory.byte_size()) }
}

/// What a memory must hold when it is lent, whatever became of it before.
#[track_caller]
fn check_fresh(memory: &mut Box<dyn LinearMemory>, length: usize, size: usize) {
    let found = bytes(memory);
    assert_eq!(found.len(), size);
    assert!(found[..length] == contents(length), "not the image");
    assert!(found[length..].iter().all(|&byte| byte == 0), "not zeros");
}

#[derive(Clone, Debug)]
enum Act {
    Write { at: usize, length: usize },
    Grow(usize),
    GiveBack,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (any::<usize>(), 1..20_000usize).prop_map(|(at, length)| Act::Write { at, length }),
        2 => (1..40usize).prop_map(|pages| Act::Grow(pages * WASM_PAGE)),
        2 => Just(Act::GiveBack),
    ]
}

proptest! {
    #[test]
    fn every_memory_begins_as_the_image(
        length in 0..3 * WASM_PAGE,
        pagemap in any::<bool>(),
        acts in prop::collection::vec(act(), 1..30),
    ) {
        let size = 3 * WASM_PAGE;
        let pool = pool(length, size, pagemap);
        let mut memory = lend(&pool);
        check_fresh(&mut memory, length, size);
        for act in acts {
            match act {
                Act::Write { at, length } => {
                    let memory = bytes(&mut memory);
                    let start = at % memory.len();
                    let end = memory.len().min(start + length);
                    memory[start..end].fill(0xa5);
                }
                Act::Grow(more) => {
                    let before = memory.byte_size();
                    memory.grow_to(before + more).expect("room");
                    let new = &bytes(&mut memory)[before..];
                    prop_assert!(new.iter().all(|&byte| byte == 0), "grown memory is not zeros");
                }
                Act::GiveBack => {
                    let place = memory.as_ptr();
                    drop(memory);
                    memory = lend(&pool);
                    prop_assert_eq!(memory.as_ptr(), place, "another mapping was made");
                    check_fresh(&mut memory, length, size);
                }
            }
        }
    }
}

#[test]
fn a_memory_that_was_written_to_all_over_is_put_back_too() {
    let length = KEPT_OF_IMAGE + (1 << 20);
    let size = length.next_multiple_of(WASM_PAGE);
    for pagemap in [true, false] {
        let pool = pool(length, size, pagemap);
        let mut memory = lend(&pool);
        memory
            .grow_to(size + KEPT_BEHIND_IMAGE + (8 << 20))
            .expect("room");
        bytes(&mut memory).fill(1);
        drop(memory);
        check_fresh(&mut lend(&pool), length, size);
        // What was grown away from is not left behind, either.
        let mut memory = lend(&pool);
        memory
            .grow_to(size + KEPT_BEHIND_IMAGE + (8 << 20))
            .expect("room");
        assert!(bytes(&mut memory)[size..].iter().all(|&byte| byte == 0));
    }
}

#[test]
fn what_many_cases_leave_alone_is_given_back_and_is_still_the_image() {
    let length = 4 << 20;
    let pool = pool(length, length, true);
    let mut memory = lend(&pool);
    bytes(&mut memory).fill(1);
    drop(memory);
    let own = || {
        let free = pool.0.free();
        free.first().map(|slot| slot.own().0.len())
    };
    let all = own();
    for round in 0..20 {
        let mut memory = lend(&pool);
        check_fresh(&mut memory, length, length);
        bytes(&mut memory)[(round % 3) << 16] = 0xa5;
    }
    // Where the kernel can't tell, nothing is kept.
    if pool.0.pagemap.is_some() {
        assert_eq!(all, Some(length / rustix::param::page_size()));
        assert_eq!(own(), Some(3));
    }
}

#[test]
fn what_another_thread_has_written_is_put_back() {
    let pool = pool(WASM_PAGE, WASM_PAGE, true);
    for _ in 0..3 {
        std::thread::scope(|scope| {
            let used = scope.spawn(|| {
                let mut memory = lend(&pool);
                check_fresh(&mut memory, WASM_PAGE, WASM_PAGE);
                bytes(&mut memory)[5000..40000].fill(0xa5);
            });
            used.join().expect("no panic");
        });
        check_fresh(&mut lend(&pool), WASM_PAGE, WASM_PAGE);
        // Pages that are known by now, and others.
        let mut memory = lend(&pool);
        bytes(&mut memory)[30000..60000].fill(0xa5);
        drop(memory);
        check_fresh(&mut lend(&pool), WASM_PAGE, WASM_PAGE);
    }
}

#[test]
fn memories_at_a_time_share_nothing() {
    let pool = pool(1000, WASM_PAGE, true);
    let mut memories: Vec<_> = (0..KEPT + 3).map(|_| lend(&pool)).collect();
    for (index, memory) in memories.iter_mut().enumerate() {
        check_fresh(memory, 1000, WASM_PAGE);
        bytes(memory).fill(index as u8 + 1);
    }
    for (index, memory) in memories.iter_mut().enumerate() {
        assert!(bytes(memory).iter().all(|&byte| byte == index as u8 + 1));
    }
    drop(memories);
    assert_eq!(pool.0.free().len(), KEPT);
}

#[test]
fn a_memory_of_another_size_has_no_image() {
    let pool = pool(1000, WASM_PAGE, true);
    drop(lend(&pool));
    let ty = MemoryType::new(2, Some(2));
    let size = 2 * WASM_PAGE;
    let made = pool.new_memory(ty, size, Some(size), Some(4 << 30), 32 << 20);
    check_fresh(&mut made.expect("a memory"), 0, size);
}

#[test]
fn a_memory_does_not_grow_beyond_its_reservation() {
    let pool = pool(1000, WASM_PAGE, true);
    let mut memory = lend(&pool);
    assert!(memory.grow_to((4 << 30) + WASM_PAGE).is_err());
    check_fresh(&mut memory, 1000, WASM_PAGE);
}

const GUEST: &str = r#"(module
    (memory (export "memory") 1)
    (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
    (func (export "store") (param i32) (i32.store (local.get 0) (i32.const 7)))
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func $dive (export "dive") (param i32) (result i32)
        (if (result i32) (local.get 0)
            (then (i32.add (i32.const 1) (call $dive (i32.sub (local.get 0) (i32.const 1)))))
            (else (i32.const 0)))))"#;

/// Instances of a guest whose memory and stack come from pools.
struct Guests {
    engine: Engine,
    module: Module,
}

impl Guests {
    fn new() -> Self {
        let image = Image::new(&contents(1000), WASM_PAGE).expect("an image");
        let mut config = Config::new();
        config
            .with_host_memory(Arc::new(MemoryPool::new(image)))
            .with_host_stack(Arc::new(StackPool::default()));
        let engine = Engine::new(&config).expect("an engine");
        let wasm = wat::parse_str(GUEST).expect("a module");
        let module = Module::new(&engine, wasm).expect("it compiles");
        Guests { engine, module }
    }

    fn run<T>(&self, run: impl AsyncFnOnce(&mut Guest<'_>) -> T) -> T {
        let mut store = Store::new(&self.engine, ());
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.expect("a runtime").block_on(async {
            let instance = Instance::new_async(&mut store, &self.module, &[]).await;
            let instance = instance.expect("an instance");
            run(&mut Guest {
                store: &mut store,
                instance,
            })
            .await
        })
    }
}

struct Guest<'a> {
    store: &'a mut Store<()>,
    instance: Instance,
}

impl Guest<'_> {
    async fn call(&mut self, name: &str, argument: i32) -> wasmtime::Result<i32> {
        let function: TypedFunc<i32, i32> = self.instance.get_typed_func(&mut *self.store, name)?;
        function.call_async(&mut *self.store, argument).await
    }

    async fn store(&mut self, address: i32) {
        let function = self.instance.get_typed_func(&mut *self.store, "store");
        let function: TypedFunc<i32, ()> = function.expect("the export");
        let stored = function.call_async(&mut *self.store, address).await;
        stored.expect("within the memory");
    }
}

#[track_caller]
fn check_out_of_bounds(result: wasmtime::Result<i32>) {
    let error = result.expect_err("a trap");
    assert_eq!(error.downcast_ref(), Some(&Trap::MemoryOutOfBounds));
}

#[test]
fn what_an_instance_grew_is_out_of_bounds_for_the_next() {
    let guests = Guests::new();
    let beyond = WASM_PAGE as i32;
    let word = i32::from_le_bytes([0, 1, 2, 3]);
    for _ in 0..3 {
        guests.run(async |guest| {
            assert_eq!(guest.call("load", 0).await.expect("in bounds"), word);
            check_out_of_bounds(guest.call("load", beyond).await);
            assert_eq!(guest.call("grow", 5).await.expect("no trap"), 1);
            assert_eq!(guest.call("load", beyond).await.expect("in bounds"), 0);
            guest.store(beyond).await;
            guest.store(0).await;
            check_out_of_bounds(guest.call("load", 6 * beyond - 3).await);
        });
    }
}

#[test]
fn a_deep_recursion_leaves_a_stack_that_works() {
    let guests = Guests::new();
    let too_deep = 100_000_000;
    for _ in 0..3 {
        guests.run(async |guest| {
            assert_eq!(guest.call("dive", 1000).await.expect("no trap"), 1000);
            let error = guest.call("dive", too_deep).await.expect_err("a trap");
            assert_eq!(error.downcast_ref(), Some(&Trap::StackOverflow));
        });
    }
}
