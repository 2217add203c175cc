//! The pages of the image that a slot has of its own, since they were written to once: places in its memory, in bytes.

use std::ops::Range;

/// A page isn't kept for longer than so many cases that leave it alone: comparing it each time costs about as much by then as having the kernel copy it again.
const PATIENCE: u8 = 8;

/// In order.
#[derive(Debug, Default)]
pub struct OwnPages(pub Vec<OwnPage>);

#[derive(Debug, PartialEq, Eq)]
pub struct OwnPage {
    pub start: usize,
    /// So many cases in a row have left it as it was.
    pub left_alone: u8,
}

impl OwnPages {
    /// Takes over what the kernel says; what was known of a page stays known.
    pub fn renew(&mut self, written: impl IntoIterator<Item = Range<usize>>, page: usize) {
        let mut known = std::mem::take(&mut self.0).into_iter().peekable();
        for start in written.into_iter().flat_map(|range| range.step_by(page)) {
            while known.next_if(|known| known.start < start).is_some() {}
            let same = known.next_if(|known| known.start == start);
            self.0.push(same.unwrap_or(OwnPage {
                start,
                left_alone: 0,
            }));
        }
    }

    /// Takes out those that aren't worth keeping, neighbours together.
    pub fn take_seldom(&mut self, page: usize) -> Vec<Range<usize>> {
        let mut taken: Vec<Range<usize>> = Vec::new();
        self.0.retain(|own| {
            let stays = own.left_alone < PATIENCE;
            match taken.last_mut() {
                _ if stays => {}
                Some(last) if last.end == own.start => last.end += page,
                _ => taken.push(own.start..own.start + page),
            }
            stays
        });
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(start: usize, left_alone: u8) -> OwnPage {
        OwnPage { start, left_alone }
    }

    #[test]
    fn what_is_known_of_a_page_stays_known() {
        let mut pages = OwnPages::default();
        pages.renew([0..2, 5..6], 1);
        assert_eq!(pages.0, [own(0, 0), own(1, 0), own(5, 0)]);
        pages.0[1].left_alone = 3;
        pages.renew([1..4, 5..6], 1);
        assert_eq!(pages.0, [own(1, 3), own(2, 0), own(3, 0), own(5, 0)]);
    }

    #[test]
    fn neighbours_are_given_back_together() {
        let mut pages = OwnPages::default();
        pages.renew([0..12, 20..24], 4);
        for (index, page) in pages.0.iter_mut().enumerate() {
            page.left_alone = if index == 0 { 0 } else { PATIENCE };
        }
        assert_eq!(pages.take_seldom(4), [4..12, 20..24]);
        assert_eq!(pages.0, [own(0, 0)]);
        assert!(pages.take_seldom(4).is_empty());
    }
}
