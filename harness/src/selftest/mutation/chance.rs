//! Items of a list that chance chooses.

use crate::generate::random::Random;

/// A random index of a list.
pub fn any(random: &mut Random, length: usize) -> Option<usize> {
    (length > 0).then(|| random.below(length as u64) as usize)
}

/// Two indices whose items differ, so that exchanging them is a change.
pub fn two<T>(
    random: &mut Random,
    items: &[T],
    same: impl Fn(&T, &T) -> bool,
) -> Option<(usize, usize)> {
    let one = any(random, items.len())?;
    let other = any(random, items.len())?;
    (one != other && !same(&items[one], &items[other])).then_some((one, other))
}
