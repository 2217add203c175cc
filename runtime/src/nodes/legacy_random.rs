//! The generator behind numpy's global functions (`numpy.random.rand` and the like), seeded in place.
//!
//! `numpy.random.seed` runs array operations that touch half a megabyte of the interpreter, which each copy of it would have to copy; the state itself is two and a half kilobytes.

use std::ffi::{CStr, c_int, c_void};
use std::ptr::NonNull;

use pyo3::prelude::*;
use pyo3::types::PyCapsule;

/// Words of a Mersenne Twister's state.
const WORDS: usize = 624;

/// The state as numpy's `mt19937.h` declares it.
#[repr(C)]
struct State {
    key: [u32; WORDS],
    /// How many words have been used; all of them, when new ones must be made.
    position: c_int,
}

/// What numpy's `bitgen.h` declares, as far as it is needed.
#[repr(C)]
struct BitGenerator {
    state: *mut c_void,
}

/// The state of the global generator, which lives as long as numpy does, and numpy as long as the interpreter.
pub struct LegacyGenerator {
    state: NonNull<State>,
    _capsule: Py<PyCapsule>,
}

// SAFETY: the executors have one thread; the pointer is only followed by `seed`, which needs the host that owns this.
unsafe impl Send for LegacyGenerator {}

impl LegacyGenerator {
    /// The generator in a capsule of numpy's, provided that its memory holds the state that numpy tells of it.
    ///
    /// # Errors
    /// It is no such capsule.
    pub fn new(
        capsule: &Bound<'_, PyCapsule>,
        key: &[u8],
        position: c_int,
    ) -> PyResult<Option<Self>> {
        const NAME: &CStr = c"BitGenerator";
        let generator = capsule.pointer_checked(Some(NAME))?.cast::<BitGenerator>();
        // SAFETY: numpy's capsules of this name point to such a struct, which is part of numpy's public interface and as old as the capsule.
        let state = unsafe { generator.as_ref() }.state;
        let Some(state) = NonNull::new(state.cast::<State>()) else {
            return Ok(None);
        };
        // SAFETY: the generator of `RandomState` is a Mersenne Twister unless somebody has replaced it, and any generator's state is followed by as much of its object; what is read is compared with what numpy says before it is believed.
        let found = unsafe { state.as_ref() };
        let same =
            found.position == position && found.key.map(u32::to_ne_bytes).as_flattened() == key;
        Ok(same.then(|| LegacyGenerator {
            state,
            _capsule: capsule.clone().unbind(),
        }))
    }

    /// Fills the state with the system's random numbers.
    ///
    /// # Errors
    /// The system has none.
    pub fn seed(&mut self) -> Result<(), getrandom::Error> {
        let mut key = [[0; 4]; WORDS];
        getrandom::fill(key.as_flattened_mut())?;
        // SAFETY: `new` has seen that this is the state; the capsule keeps its generator alive, and nobody draws meanwhile.
        let state = unsafe { self.state.as_mut() };
        state.key = key.map(u32::from_ne_bytes);
        state.position = WORDS as c_int;
        Ok(())
    }
}
