//! The exports of the WebAssembly executor for a host that copies a warmed interpreter instead of starting one for each case.
//!
//! The host calls `parallax_initialize` once and keeps the memory that results.
//! In each copy of it, the host asks `parallax_allocate` for room, writes the request there, calls `parallax_run`, and reads the answer where `parallax_result` says.
//! The module is the very command that runs cold, so that both ways run the same code.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::channel::way::{self, Way};
use crate::copies::NEEDS_FRESH;
use crate::holes;
use crate::marshal::frame::{self, Unwritten};
use crate::program::{Answer, Service, enter_case_directory, prepare, run_sync};
use crate::rehearsal::rehearse;

/// The interpreter that every copy starts with.
static WARMED: Mutex<Option<Service>> = Mutex::new(None);

/// The memory of a copy begins with a multiple of this.
const STEP: usize = 4 << 20;

/// Bytes of a page of memory.
const PAGE: usize = 64 << 10;

/// What [`warm_up`] tells.
static WARM_UP: AtomicUsize = AtomicUsize::new(0);

/// Where the host writes the request.
static REQUEST: Mutex<Option<Unwritten>> = Mutex::new(None);

unsafe extern "C" {
    fn __wasm_call_ctors();
    fn __wasilibc_reset_preopens();
    fn __wasilibc_initialize_environ();
    fn __wasilibc_deinitialize_environ();
}

/// Starts Python, and does ahead what cases need.
#[unsafe(export_name = "parallax_initialize")]
extern "C" fn initialize() {
    // SAFETY: `_start` would call it, and never runs in an instance where this function does; so it is called once, before anything else.
    unsafe { __wasm_call_ctors() };
    prepare();
    let mut service = Service::new(true);
    let mut before = 0;
    let ready = service
        .start()
        .and_then(|()| {
            before = pages();
            service.preload(|| std::process::exit(NEEDS_FRESH))
        })
        .and_then(|()| rehearse(&mut service, run_sync))
        .and_then(|()| service.finish());
    if let Err(failure) = ready {
        eprintln!("{failure}");
        std::process::abort();
    }
    *lock(&WARMED) = Some(service);
    holes::fill();
    round_memory_up();
    WARM_UP.store((pages() - before) * PAGE, Ordering::Relaxed);
    // SAFETY: libc's lists of directories and variables belong to the host that ran this; no thread reads them meanwhile, and libc reads them anew when they are next asked for.
    unsafe {
        __wasilibc_reset_preopens();
        __wasilibc_deinitialize_environ();
    }
}

/// Grows the memory to the next multiple of [`STEP`].
///
/// The module that begins with this memory declares its size: in steps, it is the same module whatever was imported, and need not be compiled again.
/// What is added stays untouched, also by `malloc`, which goes on behind it.
fn round_memory_up() {
    let pages = pages();
    // Where there is no room, the size is what it is.
    core::arch::wasm32::memory_grow::<0>(pages.next_multiple_of(STEP / PAGE) - pages);
}

/// How large the memory is, in pages.
fn pages() -> usize {
    core::arch::wasm32::memory_size::<0>()
}

/// Bytes that were taken for what is done ahead, and that no case's limit counts.
#[unsafe(export_name = "parallax_warm_up")]
extern "C" fn warm_up() -> usize {
    WARM_UP.load(Ordering::Relaxed)
}

/// Room for a request of `length` bytes, or null without memory for it.
#[unsafe(export_name = "parallax_allocate")]
extern "C" fn allocate(length: usize) -> *mut u8 {
    let Some(mut room) = Unwritten::new(length) else {
        return std::ptr::null_mut();
    };
    let start = room.start();
    *lock(&REQUEST) = Some(room);
    start
}

/// Runs the request, and keeps the answer in memory.
///
/// # Safety
/// The host has filled the room that it last asked [`allocate`] for.
#[unsafe(export_name = "parallax_run")]
unsafe extern "C" fn run() {
    way::choose(Way::Memory);
    let (Some(room), Some(service)) = (lock(&REQUEST).take(), &mut *lock(&WARMED)) else {
        eprintln!("this instance was not initialised, or there is no request");
        std::process::abort();
    };
    // SAFETY: the caller promises it.
    let request = unsafe { room.assume_written() };
    // SAFETY: nothing holds a variable of the environment that the copy began with, and there is no other thread.
    unsafe { __wasilibc_initialize_environ() };
    enter_case_directory();
    let answer = match service.resume() {
        Ok(()) => service.conclude(request, run_sync),
        Err(failure) => Answer::failed(failure, frame::intent(&request)),
    };
    // Memory takes it.
    let _ = answer.send();
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
