//! Numbers to places in a drawing.

/// Tick marks that a logarithmic axis has at most.
const TICKS: usize = 7;

/// What an axis is for readers of one that has no marks in between.
const STEPS: [f64; 3] = [1.0, 2.0, 5.0];

/// A logarithmic axis.
#[derive(Clone, Debug, PartialEq)]
pub struct LogAxis {
    low: f64,
    high: f64,
    /// From where to where it is drawn.
    from: f64,
    to: f64,
}

impl LogAxis {
    /// An axis with room for all of these, and for 1. Of what is no positive number it takes no notice.
    pub fn around(values: impl IntoIterator<Item = f64>, from: f64, to: f64) -> Self {
        let (mut low, mut high) = (1.0f64, 1.0f64);
        for value in values.into_iter().filter(|value| is_drawn(*value)) {
            low = low.min(value);
            high = high.max(value);
        }
        // Nothing touches the frame, and one value alone has a width, too.
        LogAxis {
            low: low / 1.25,
            high: (high * 1.25).min(f64::MAX),
            from,
            to,
        }
    }

    /// Where a value stands, on the axis in any case.
    pub fn place(&self, value: f64) -> f64 {
        let part = (value.ln() - self.low.ln()) / (self.high.ln() - self.low.ln());
        let part = if part.is_nan() {
            0.0
        } else {
            part.clamp(0.0, 1.0)
        };
        self.from + part * (self.to - self.from)
    }

    /// Round numbers on the axis, 1 among them; powers of 10 alone, or some of them, where there would be too many.
    pub fn ticks(&self) -> Vec<f64> {
        let decades = self.low.log10().floor() as i32..=self.high.log10().ceil() as i32;
        let on = |tick: &f64| (self.low..=self.high).contains(tick);
        let fine: Vec<f64> = decades
            .clone()
            .flat_map(|power| STEPS.map(|step| step * 10f64.powi(power)))
            .filter(on)
            .collect();
        if fine.len() <= TICKS {
            return fine;
        }
        let span = decades.clone().count().div_ceil(TICKS).max(1);
        let apart = i32::try_from(span).unwrap_or(i32::MAX);
        let coarse = decades.filter(|power| power % apart == 0);
        coarse.map(|power| 10f64.powi(power)).filter(on).collect()
    }
}

fn is_drawn(value: f64) -> bool {
    value.is_finite() && value > 0.0
}

/// One bar after the other, from 0 on, all of them within `width`: where each begins and how long it is.
pub fn cascade(parts: &[f64], whole: f64, width: f64) -> Vec<[f64; 2]> {
    let sum: f64 = parts.iter().sum();
    let longest = whole.max(sum);
    let scale = if is_drawn(longest) {
        width / longest
    } else {
        0.0
    };
    let mut start = 0.0;
    let mut bars = Vec::new();
    for part in parts {
        bars.push([start * scale, part * scale]);
        start += part;
    }
    bars
}

/// A place with one digit behind the point, which is finer than a screen.
pub fn coordinate(place: f64) -> String {
    let text = format!("{place:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_axis_is_logarithmic_and_has_1_on_it() {
        let axis = LogAxis::around([0.25, 4.0], 0.0, 100.0);
        assert_eq!(coordinate(axis.place(1.0)), "50");
        let [half, double] = [0.5, 2.0].map(|value| axis.place(value));
        assert!((half + double - 100.0).abs() < 1e-9, "{half} {double}");
        assert_eq!(axis.ticks(), [0.2, 0.5, 1.0, 2.0, 5.0]);
        assert_eq!(LogAxis::around([], 0.0, 10.0).ticks(), [1.0]);
        let nothing = LogAxis::around([0.0, -1.0, f64::NAN, f64::INFINITY], 0.0, 10.0);
        assert_eq!(coordinate(nothing.place(1.0)), "5");
    }

    #[test]
    fn a_long_axis_has_few_ticks() {
        let axis = LogAxis::around([1e-9, 1e12], 0.0, 100.0);
        assert_eq!(axis.ticks(), [1e-8, 1e-4, 1.0, 1e4, 1e8, 1e12]);
        let decades = LogAxis::around([0.01, 100.0], 0.0, 100.0);
        assert_eq!(decades.ticks(), [0.01, 0.1, 1.0, 10.0, 100.0]);
    }

    #[test]
    fn bars_follow_each_other() {
        assert_eq!(
            cascade(&[1.0, 2.0, 1.0], 4.0, 100.0),
            [[0.0, 25.0], [25.0, 50.0], [75.0, 25.0]]
        );
        // Medians of parts may come to more than the median of the whole.
        assert_eq!(cascade(&[3.0, 3.0], 5.0, 60.0), [[0.0, 30.0], [30.0, 30.0]]);
        assert_eq!(cascade(&[0.0], 0.0, 60.0), [[0.0, 0.0]]);
        assert_eq!(cascade(&[], 1.0, 60.0), [[0.0; 2]; 0]);
    }

    proptest! {
        #[test]
        fn nothing_is_drawn_beside_the_axis(values in prop::collection::vec(any::<f64>(), 0..5), at in any::<f64>()) {
            let axis = LogAxis::around(values.clone(), 4.0, 196.0);
            for value in values.into_iter().chain([at]) {
                let place = axis.place(value);
                prop_assert!((4.0..=196.0).contains(&place), "{value} at {place}");
            }
            prop_assert!(axis.ticks().len() <= TICKS + 1);
        }
    }
}
