//! Bounds what a guest has open: `wasmtime-wasi` only knows a bound whose crossing ends the guest, where a process would get an error.

use wasmtime::{Caller, Extern, Linker};
use wasmtime_wasi::p1::wasi_snapshot_preview1::{
    WasiSnapshotPreview1 as _, fd_close, fd_renumber, path_open,
};
use wiggle::GuestMemory;

use super::state::State;

const WASI: &str = "wasi_snapshot_preview1";

/// "Too many open files", as preview 1 numbers it.
const MFILE: i32 = 33;

/// Calls a function of WASI's as its own linking does: with the guest's memory, and a bound to what it may copy out of it.
macro_rules! with_wasi {
    ($caller:ident, |$wasi:ident, $memory:ident| $call:expr) => {{
        let copied = wasmtime::AsContextMut::as_context_mut(&mut $caller).hostcall_fuel();
        let Some(Extern::Memory(exported)) = $caller.get_export("memory") else {
            return Err(wasmtime::Error::msg("the module exports no memory"));
        };
        let (bytes, state) = exported.data_and_store_mut(&mut $caller);
        let $memory = &mut GuestMemory::Unshared(bytes);
        let $wasi = &mut state.wasi;
        $wasi.set_hostcall_fuel(copied);
        $call.await?
    }};
}

/// Counts in the three functions that make or end a descriptor; the linker already has them.
pub fn bound(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    linker.func_wrap_async(
        WASI,
        "path_open",
        |mut caller: Caller<'_, State>, args: (i32, i32, i32, i32, i32, i64, i64, i32, i32)| {
            Box::new(async move {
                let files = &caller.data().files;
                if files.open >= files.most {
                    return Ok(MFILE);
                }
                let (fd, look, path, length, how, rights, inherited, flags, opened) = args;
                let errno = with_wasi!(caller, |wasi, memory| path_open(
                    wasi, memory, fd, look, path, length, how, rights, inherited, flags, opened
                ));
                caller.data_mut().files.open += u64::from(errno == 0);
                Ok(errno)
            })
        },
    )?;
    linker.func_wrap_async(
        WASI,
        "fd_close",
        |mut caller: Caller<'_, State>, (fd,): (i32,)| {
            Box::new(async move {
                let errno = with_wasi!(caller, |wasi, memory| fd_close(wasi, memory, fd));
                caller.data_mut().files.open -= u64::from(errno == 0);
                Ok(errno)
            })
        },
    )?;
    linker.func_wrap_async(
        WASI,
        "fd_renumber",
        |mut caller: Caller<'_, State>, (from, to): (i32, i32)| {
            Box::new(async move {
                let errno = with_wasi!(caller, |wasi, memory| fd_renumber(wasi, memory, from, to));
                // What had the number before is closed.
                caller.data_mut().files.open -= u64::from(errno == 0 && from != to);
                Ok(errno)
            })
        },
    )?;
    linker.allow_shadowing(false);
    Ok(())
}
