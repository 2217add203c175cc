//! Where an array's bytes are.

use std::fmt;
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::Arc;

use bytes::BytesMut;

/// The bytes of one array, which nobody else can write to.
pub enum Data {
    Owned(Vec<u8>),
    /// A part of a frame in memory; no other part has any of its bytes.
    Part(BytesMut),
    /// Memory that belongs to an interpreter's object.
    Foreign(Arc<dyn Foreign>),
}

/// Memory of an interpreter's object.
///
/// # Safety
/// The memory is alive and initialised as long as the implementor is, and only who has the implementor for itself writes to it.
pub unsafe trait Foreign: Send + Sync {
    fn memory(&self) -> NonNull<[u8]>;
}

impl Data {
    /// The same bytes, which nobody else reads.
    pub fn into_exclusive(self) -> Self {
        match self {
            Data::Foreign(mut object) => match Arc::get_mut(&mut object) {
                Some(_) => Data::Foreign(object),
                // SAFETY: the trait's promise; with others about, nobody writes.
                None => Data::Owned(unsafe { object.memory().as_ref() }.to_vec()),
            },
            exclusive => exclusive,
        }
    }

    /// Where the bytes begin; whoever writes there must have them for itself, as [`Data::into_exclusive`] makes sure.
    pub fn as_mut_ptr(&mut self) -> *mut u8 {
        match self {
            Data::Owned(bytes) => bytes.as_mut_ptr(),
            Data::Part(bytes) => bytes.as_mut_ptr(),
            Data::Foreign(object) => object.memory().as_ptr().cast(),
        }
    }
}

impl Deref for Data {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Data::Owned(bytes) => bytes,
            Data::Part(bytes) => bytes,
            // SAFETY: the trait's promise: alive as long as the object, which `self` keeps, and not written to while it can be seen here.
            Data::Foreign(object) => unsafe { object.memory().as_ref() },
        }
    }
}

/// Whoever receives a clone may write to it, so it has bytes of its own; those of an object are shared until then.
impl Clone for Data {
    fn clone(&self) -> Self {
        match self {
            Data::Owned(_) | Data::Part(_) => Data::Owned(self.to_vec()),
            Data::Foreign(object) => Data::Foreign(Arc::clone(object)),
        }
    }
}

impl Default for Data {
    fn default() -> Self {
        Data::Owned(Vec::new())
    }
}

impl From<Vec<u8>> for Data {
    fn from(bytes: Vec<u8>) -> Self {
        Data::Owned(bytes)
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
