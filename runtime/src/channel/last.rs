//! The last words of a process or instance that has nothing left to make an answer with: no memory, or no stack.

use super::way::{self, Way};

/// A document that was made beforehand.
pub struct Last {
    document: &'static str,
    exit_code: i32,
}

pub const NO_MEMORY: Last = Last {
    document: r#"{"status":"error","error":{"kind":"limit","message":"no memory is left for the answer"}}"#,
    exit_code: 16,
};

#[cfg(not(target_os = "wasi"))]
pub const NO_STACK: Last = Last {
    document: r#"{"status":"error","error":{"kind":"stack","message":"no stack is left"}}"#,
    exit_code: 17,
};

/// Gives the document, and ends; allocates nothing, and calls only what a handler of signals may.
pub fn answer(last: &Last) -> ! {
    let document = last.document;
    match way::chosen() {
        // The host waits for the process that has forked this one.
        _ if way::is_anothers() => {}
        Way::StandardOutput => write(libc::STDOUT_FILENO, document),
        #[cfg(unix)]
        Way::File(path) => {
            if let Ok(file) = way::open(path) {
                use std::os::fd::AsRawFd as _;
                write(file.as_raw_fd(), document);
            }
        }
        #[cfg(target_os = "wasi")]
        Way::Memory => super::memory::keep_static(document),
    }
    // SAFETY: the call has no preconditions.
    unsafe { libc::_exit(last.exit_code) }
}

/// A part of an answer may have been written already; then the two together are none, and that is what is reported.
fn write(descriptor: libc::c_int, document: &'static str) {
    // SAFETY: a plain system call, and the text is there for ever.
    unsafe { libc::write(descriptor, document.as_ptr().cast(), document.len()) };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{Document, Kind};

    #[test]
    fn the_answers_are_documents_of_their_kinds() {
        for (last, kind) in [(NO_MEMORY, Kind::Limit), (NO_STACK, Kind::Stack)] {
            let document = Document::parse(serde_json::from_str(last.document).unwrap()).unwrap();
            assert_eq!(document.exit_code(), last.exit_code);
            assert_eq!(kind.exit_code(), last.exit_code);
        }
    }
}
