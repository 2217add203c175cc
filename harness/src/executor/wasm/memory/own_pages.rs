//! The pages that a slot has of its own, as they were written to once: places in its memory, in bytes.

use std::ops::Range;

/// A page of the image that was written to isn't kept for longer than so many cases that leave it alone: comparing it each time costs about as much by then as having the kernel copy it again.
const PATIENCE: u8 = 8;

/// Pages of the image, one by one, and ranges of pages behind it; both in order.
#[derive(Debug, Default)]
pub struct OwnPages {
    pub of_image: Vec<OwnPage>,
    pub behind: Vec<Range<usize>>,
}

#[derive(Debug, PartialEq, Eq)]
pub struct OwnPage {
    pub start: usize,
    /// So many cases in a row have left it as it was.
    pub left_alone: u8,
}

impl OwnPages {
    /// Takes over what the kernel says; what was known of a page stays known.
    pub fn renew(
        &mut self,
        written: impl IntoIterator<Item = Range<usize>>,
        image: usize,
        page: usize,
    ) {
        let mut known = std::mem::take(&mut self.of_image).into_iter().peekable();
        self.behind.clear();
        for range in written {
            for start in (range.start..range.end.min(image)).step_by(page) {
                while known.next_if(|known| known.start < start).is_some() {}
                let same = known.next_if(|known| known.start == start);
                self.of_image.push(same.unwrap_or(OwnPage {
                    start,
                    left_alone: 0,
                }));
            }
            let behind = range.start.max(image)..range.end;
            if !behind.is_empty() {
                self.behind.push(behind);
            }
        }
    }

    /// Takes out the pages of the image that aren't worth keeping, neighbours together.
    pub fn take_seldom(&mut self, page: usize) -> Vec<Range<usize>> {
        let mut taken: Vec<Range<usize>> = Vec::new();
        self.of_image.retain(|own| {
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
        pages.renew([0..2, 4..5], 4, 1);
        assert_eq!(pages.of_image, [own(0, 0), own(1, 0)]);
        assert_eq!(pages.behind, [4..5]);
        pages.of_image[1].left_alone = 3;
        pages.renew([1..6], 4, 1);
        assert_eq!(pages.of_image, [own(1, 3), own(2, 0), own(3, 0)]);
        assert_eq!(pages.behind, [4..6]);
    }

    #[test]
    fn neighbours_are_given_back_together() {
        let mut pages = OwnPages::default();
        pages.renew([0..12, 20..24], 40, 4);
        for (index, page) in pages.of_image.iter_mut().enumerate() {
            page.left_alone = if index == 0 { 0 } else { PATIENCE };
        }
        assert_eq!(pages.take_seldom(4), [4..12, 20..24]);
        assert_eq!(pages.of_image, [own(0, 0)]);
        assert!(pages.take_seldom(4).is_empty());
    }
}
