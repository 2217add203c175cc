//! The exports of the WebAssembly executor for a host that copies a warmed interpreter instead of starting one for each case.
//!
//! The host calls `parallax_initialize` once and keeps the memory that results.
//! In each copy of it, the host asks `parallax_allocate` for room, writes the request there, calls `parallax_run`, and reads the answer in place.
//! The module is the very command that runs cold, so that both ways run the same code.

use std::io::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::marshal::frame::{Parts, Unwritten};
use crate::nodes::node_path;
use crate::outcome::Kind;
use crate::program::{Service, enter_case_directory, run_sync, start_logging};

/// The interpreter that every copy starts with.
static WARMED: Mutex<Option<Service>> = Mutex::new(None);

/// The memory of a copy begins with a multiple of this.
const STEP: usize = 4 << 20;

/// Where the host writes the request.
static REQUEST: Mutex<Option<Unwritten>> = Mutex::new(None);

unsafe extern "C" {
    fn __wasm_call_ctors();
    fn __wasilibc_reset_preopens();
    fn __wasilibc_initialize_environ();
    fn __wasilibc_deinitialize_environ();
}

/// Starts Python and imports ahead what cases are likely to need: numpy, and the modules of the node path but those that `PARALLAX_NOT_WARMED` lists, separated by colons.
///
/// Says on standard output which modules each case must import itself, a line each: its name, a tab, why.
#[unsafe(export_name = "parallax_initialize")]
extern "C" fn initialize() {
    // SAFETY: `_start` would call it, and never runs in an instance where this function does; so it is called once, before anything else.
    unsafe { __wasm_call_ctors() };
    start_logging();
    let left_out = std::env::var("PARALLAX_NOT_WARMED").unwrap_or_default();
    let mut modules = node_path::modules(&node_path::directories());
    modules.retain(|module| !left_out.split(':').any(|other| other == module));
    let mut service = Service::new();
    match service.preload(&modules) {
        Ok(failures) => {
            let lines: String = failures
                .iter()
                .map(|failure| format!("{}\t{failure}\n", failure.module))
                .collect();
            // Where it can't be written, nobody reads it.
            let _ = std::io::stdout().lock().write_all(lines.as_bytes());
        }
        Err(failure) => {
            eprintln!("{failure}");
            std::process::abort();
        }
    }
    *lock(&WARMED) = Some(service);
    round_memory_up();
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
    const PAGE: usize = 64 << 10;
    let pages = core::arch::wasm32::memory_size::<0>();
    // Where there is no room, the size is what it is.
    core::arch::wasm32::memory_grow::<0>(pages.next_multiple_of(STEP / PAGE) - pages);
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

/// A piece of the answer, as the host reads it.
#[repr(C)]
struct Piece {
    start: *const u8,
    length: usize,
}

/// Where the pieces are; one after the other they are the answer.
#[repr(C)]
struct Pieces {
    start: *const Piece,
    count: usize,
}

/// Runs the request, and gives the place of the answer's [`Pieces`].
///
/// # Safety
/// The host has filled the room that it last asked [`allocate`] for.
#[unsafe(export_name = "parallax_run")]
unsafe extern "C" fn run() -> *const Pieces {
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
        Ok(()) => service.answer(request, run_sync),
        Err(failure) => failure.into(),
    };
    // The answer leaves through memory; but a command answers on standard output, and can't where a node has closed it.
    if !stdout_is_open() {
        std::process::exit(Kind::Io.exit_code());
    }
    // Nothing of this is given back: the instance ends with its case.
    let parts: &Parts = Box::leak(Box::new(answer.into_parts()));
    let pieces: Vec<Piece> = parts
        .pieces()
        .map(|piece| Piece {
            start: piece.as_ptr(),
            length: piece.len(),
        })
        .collect();
    let pieces = pieces.leak();
    Box::leak(Box::new(Pieces {
        start: pieces.as_ptr(),
        count: pieces.len(),
    }))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn stdout_is_open() -> bool {
    use std::os::fd::{AsRawFd as _, FromRawFd as _};
    let descriptor = std::io::stdout().as_raw_fd();
    // SAFETY: the file is never dropped, so that the descriptor stays with its owner; a closed one is an error that is asked for here.
    let stdout = std::mem::ManuallyDrop::new(unsafe { std::fs::File::from_raw_fd(descriptor) });
    stdout.metadata().is_ok()
}
