//! A native executor without stack says so, as WebAssembly does: it would end by a signal, and look like one that crashed.

use std::ffi::{c_int, c_void};
use std::io;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicUsize, Ordering};

use libc::{sigaction, siginfo_t, stack_t};

use crate::channel::{last, way};

/// Bytes of the stack on which the answer is given.
const OTHER: usize = 64 << 10;

/// How far below the stack's end, and above it, an access means that the stack has run out: a function's frame may be as large, and Linux keeps as much free.
const BELOW: usize = 1 << 20;
const ABOVE: usize = 64 << 10;

/// The lowest address of the stack of the thread that runs cases.
static END: AtomicUsize = AtomicUsize::new(0);

/// Has an overflow of this thread's stack be answered, in copies of the process, too; any other bad access stays the signal that it is.
///
/// # Errors
/// The system has no room for another stack, or doesn't tell where this one is.
pub fn answer_for_overflows() -> io::Result<()> {
    END.store(end()?, Ordering::Relaxed);
    let other = stack_t {
        ss_sp: Box::leak(Box::new([0u8; OTHER])).as_mut_ptr().cast(),
        ss_flags: 0,
        ss_size: OTHER,
    };
    // SAFETY: the stack stays for ever and is used for nothing else, and all fields of the action that matter are set.
    unsafe {
        check(libc::sigaltstack(&raw const other, null_mut()))?;
        let mut action: sigaction = std::mem::zeroed();
        action.sa_sigaction = handle as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
        for signal in [libc::SIGSEGV, libc::SIGBUS] {
            check(libc::sigaction(signal, &raw const action, null_mut()))?;
        }
    }
    Ok(())
}

/// The lowest address of this thread's stack.
fn end() -> io::Result<usize> {
    let (mut address, mut size) = (null_mut::<c_void>(), 0);
    // SAFETY: the attributes are filled in before they are read, and given back; the places for the answers are valid.
    unsafe {
        let mut attributes = std::mem::zeroed();
        check(libc::pthread_getattr_np(
            libc::pthread_self(),
            &raw mut attributes,
        ))?;
        let found =
            libc::pthread_attr_getstack(&raw const attributes, &raw mut address, &raw mut size);
        libc::pthread_attr_destroy(&raw mut attributes);
        check(found)?;
    }
    Ok(address.addr())
}

fn check(outcome: c_int) -> io::Result<()> {
    match outcome {
        0 => Ok(()),
        -1 => Err(io::Error::last_os_error()),
        number => Err(io::Error::from_raw_os_error(number)),
    }
}

extern "C" fn handle(signal: c_int, information: *mut siginfo_t, _: *mut c_void) {
    // SAFETY: the system passes what is asked for with `SA_SIGINFO`, and a signal of the processor's has an address.
    let (code, address) = unsafe { ((*information).si_code, (*information).si_addr().addr()) };
    let end = END.load(Ordering::Relaxed);
    // A signal that somebody has sent has no such code.
    if code > 0
        && !way::is_anothers()
        && (end.saturating_sub(BELOW)..end + ABOVE).contains(&address)
    {
        last::answer(&last::NO_STACK);
    }
    // SAFETY: the call has no preconditions. The access is made again, and the process ends by it; a signal that was sent is sent again.
    unsafe {
        libc::signal(signal, libc::SIG_DFL);
        if code <= 0 {
            libc::raise(signal);
        }
    }
}
