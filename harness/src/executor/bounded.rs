//! Text of an executor in memory that never grows beyond its bound, whatever the executor says.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What happens when there is more than fits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Excess {
    /// The executor is stopped.
    Stop,
    /// The beginning is forgotten.
    Forget,
}

/// Bytes that one thread adds and another takes.
#[derive(Clone)]
pub struct Bounded {
    held: Arc<Mutex<Held>>,
    most: usize,
    excess: Excess,
}

#[derive(Default)]
struct Held {
    bytes: Vec<u8>,
    too_much: bool,
}

impl Bounded {
    pub fn new(most: usize, excess: Excess) -> Self {
        Bounded {
            held: Arc::default(),
            most,
            excess,
        }
    }

    /// Adds bytes; says whether the executor may go on.
    pub fn append(&self, bytes: &[u8]) -> bool {
        let mut held = self.lock();
        held.bytes.extend_from_slice(bytes);
        let length = held.bytes.len();
        match self.excess {
            Excess::Stop if length > self.most => {
                held.too_much = true;
                held.bytes = Vec::new();
                false
            }
            // Moving the text at every write would cost the square of its length.
            Excess::Forget if length > 2 * self.most => {
                held.bytes.drain(..length - self.most);
                true
            }
            _ => true,
        }
    }

    /// Takes what is there, at most the bound, and whether there was too much.
    pub fn take(&self) -> (Vec<u8>, bool) {
        let held = std::mem::take(&mut *self.lock());
        let mut bytes = held.bytes;
        bytes.drain(..bytes.len().saturating_sub(self.most));
        (bytes, held.too_much)
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        // Nothing between lock and unlock can leave the bytes half written.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_itself_fits_and_one_byte_more_stops() {
        let text = Bounded::new(4, Excess::Stop);
        assert!(text.append(b"12"));
        assert!(text.append(b"34"));
        assert!(!text.append(b"5"));
        assert!(text.take().1);
    }

    #[test]
    fn a_tail_keeps_the_end_and_stays_bounded() {
        let text = Bounded::new(4, Excess::Forget);
        for digit in b"0123456789abcdef" {
            assert!(text.append(&[*digit]));
            assert!(text.lock().bytes.len() <= 8);
        }
        assert_eq!(text.take(), (b"cdef".to_vec(), false));
    }
}
