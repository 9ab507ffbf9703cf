//! The axis of values: a round top and the marks below it.

/// Marks from zero (or below) to a round number above the largest value.
pub(crate) struct Scale {
    /// The lowest mark.
    pub bottom: f64,
    /// The highest mark.
    pub top: f64,
    /// All marks, rising.
    pub marks: Vec<f64>,
}

impl Scale {
    /// A scale for these values with about `wanted` steps of 1, 2, 2.5 or 5 times a power of ten.
    pub(crate) fn over(values: impl Iterator<Item = f64>, wanted: u8) -> Scale {
        let (mut low, mut high) = (0.0_f64, 0.0_f64);
        for value in values.filter(|value| value.is_finite()) {
            low = low.min(value);
            high = high.max(value);
        }
        if high <= low {
            high = low + 1.0;
        }
        let rough = (high - low) / f64::from(wanted.max(1));
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 2.5, 5.0, 10.0]
            .into_iter()
            .map(|factor| factor * power)
            .find(|step| *step >= rough * 0.999)
            .unwrap_or(power * 10.0);
        let bottom = (low / step).floor() * step;
        let mut marks = vec![bottom];
        let mut mark = bottom;
        while mark < high - step * 1e-9 && marks.len() < 50 {
            mark += step;
            marks.push(mark);
        }
        Scale { bottom, top: mark, marks }
    }

    /// A scale that ends at the largest value, without marks: for bars with their number beside them.
    pub(crate) fn exact(values: impl Iterator<Item = f64>) -> Scale {
        let (bottom, top) = values
            .filter(|value| value.is_finite())
            .fold((0.0_f64, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
        Scale { bottom, top: if top > bottom { top } else { bottom + 1.0 }, marks: Vec::new() }
    }

    /// Where a value stands between bottom (0) and top (1).
    pub(crate) fn share(&self, value: f64) -> f64 {
        (value - self.bottom) / (self.top - self.bottom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tops_are_round() {
        for (high, top) in
            [(512.0, 600.0), (1.0, 1.0), (0.07, 0.08), (97.0, 100.0), (10_005_534.0, 12_500_000.0)]
        {
            let scale = Scale::over([high].into_iter(), 4);
            assert!((scale.top - top).abs() < top * 1e-6, "{high}: {}", scale.top);
        }
        let negative = Scale::over([-30.0, 100.0].into_iter(), 4);
        assert!(negative.bottom <= -30.0 && negative.top >= 100.0);
        assert_eq!(Scale::over(std::iter::empty(), 4).marks.len(), 5);
    }
}
