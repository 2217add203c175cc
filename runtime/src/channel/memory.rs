//! A document that stays in the guest's memory, where the host reads it.

use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

use crate::marshal::frame::Parts;

/// Bytes, or a list of these, as the host reads them.
#[repr(C)]
struct Stretch {
    start: AtomicPtr<()>,
    length: AtomicUsize,
}

impl Stretch {
    const fn nowhere() -> Self {
        Stretch {
            start: AtomicPtr::new(null_mut()),
            length: AtomicUsize::new(0),
        }
    }

    fn set<T>(&self, items: &'static [T]) {
        let start = items.as_ptr().cast_mut().cast();
        self.start.store(start, Ordering::Relaxed);
        self.length.store(items.len(), Ordering::Relaxed);
    }
}

/// The pieces that one after the other are the document; none, as long as there is no document.
static DOCUMENT: Stretch = Stretch::nowhere();

/// Keeps a document for the host. Nothing of it is given back, as the instance ends with its case.
pub fn keep(parts: Parts) {
    let parts: &'static Parts = Box::leak(Box::new(parts));
    let pieces: Vec<Stretch> = parts
        .pieces()
        .map(|piece| {
            let stretch = Stretch::nowhere();
            stretch.set(piece);
            stretch
        })
        .collect();
    DOCUMENT.set(pieces.leak());
}

/// Keeps a text that is always there; allocates nothing.
pub fn keep_static(text: &'static str) {
    static TEXT: Stretch = Stretch::nowhere();
    TEXT.set(text.as_bytes());
    DOCUMENT.set(std::slice::from_ref(&TEXT));
}

#[unsafe(export_name = "parallax_result")]
extern "C" fn document() -> *const Stretch {
    if DOCUMENT.length.load(Ordering::Relaxed) == 0 {
        return std::ptr::null();
    }
    &DOCUMENT
}
