//! The rows of a week in a calendar: what lasts several days stands in the same row on each of them.

use kontor_view::page::calendar::Event;

/// What stands on a day.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Which record it is: the same number on each of its days.
    pub number: usize,
    /// Its place in the order of the day.
    pub order: String,
    /// How it is drawn.
    pub event: Event,
}

/// A record of a week with its days.
struct Stretch<'a> {
    number: usize,
    first: usize,
    last: usize,
    order: &'a str,
}

/// The days of a week with their records in rows; an empty row above a record is a gap.
pub fn of_week(days: Vec<Vec<Entry>>) -> Vec<Vec<Event>> {
    let rows = rows(&stretches(&days));
    days.into_iter()
        .map(|entries| {
            let row_of =
                |number: usize| rows.iter().find(|(known, _)| *known == number).map_or(0, |one| one.1);
            let mut placed: Vec<(usize, Event)> =
                entries.into_iter().map(|entry| (row_of(entry.number), entry.event)).collect();
            placed.sort_by_key(|(row, _)| *row);
            let mut shown: Vec<Event> = Vec::new();
            for (row, event) in placed {
                while shown.len() < row {
                    shown.push(Event { gap: true, ..Event::default() });
                }
                shown.push(event);
            }
            shown
        })
        .collect()
}

/// The records of a week: first those of several days, as they begin and the longest first, then the others in the order of
/// their days.
fn stretches(days: &[Vec<Entry>]) -> Vec<Stretch<'_>> {
    let mut found: Vec<Stretch<'_>> = Vec::new();
    for (day, entries) in days.iter().enumerate() {
        for entry in entries {
            match found.iter_mut().find(|one| one.number == entry.number) {
                Some(known) => known.last = day,
                None => {
                    found.push(Stretch { number: entry.number, first: day, last: day, order: &entry.order });
                }
            }
        }
    }
    found.sort_by(|left, right| {
        let key = |one: &Stretch<'_>| {
            let days = one.last - one.first;
            (days == 0, if days == 0 { 0 } else { one.first }, std::cmp::Reverse(days))
        };
        key(left).cmp(&key(right)).then_with(|| left.order.cmp(right.order))
    });
    found
}

/// The first row for each record that is free on all of its days.
fn rows(stretches: &[Stretch<'_>]) -> Vec<(usize, usize)> {
    let mut taken: Vec<Vec<(usize, usize)>> = Vec::new();
    let mut rows = Vec::with_capacity(stretches.len());
    for one in stretches {
        let is_free = |row: &Vec<(usize, usize)>| {
            row.iter().all(|(first, last)| one.last < *first || *last < one.first)
        };
        let row = taken.iter().position(is_free).unwrap_or(taken.len());
        match taken.get_mut(row) {
            Some(known) => known.push((one.first, one.last)),
            None => taken.push(vec![(one.first, one.last)]),
        }
        rows.push((one.number, row));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(number: usize, order: &str) -> Entry {
        let event = Event { title: order.to_owned(), ..Event::default() };
        Entry { number, order: order.to_owned(), event }
    }

    #[test]
    fn what_lasts_keeps_its_row() {
        let (long, early, late) = (entry(0, "L-10"), entry(1, "L-5"), entry(2, "L-6"));
        let days = vec![
            vec![early.clone()],
            vec![early.clone(), long.clone()],
            vec![long.clone(), late.clone()],
            vec![late, entry(3, "A")],
        ];
        let week = of_week(days);
        let titles: Vec<Vec<&str>> =
            week.iter().map(|day| day.iter().map(|event| event.title.as_str()).collect()).collect();
        assert_eq!(titles, [vec!["L-5"], vec!["L-5", "L-10"], vec!["L-6", "L-10"], vec!["L-6", "A"]]);
        assert!(week.iter().flatten().all(|event| !event.gap));
    }

    #[test]
    fn a_row_that_is_free_above_is_a_gap() {
        let (first, second) = (entry(0, "one"), entry(1, "two"));
        let week = of_week(vec![
            vec![first.clone(), second.clone()],
            vec![first, second.clone()],
            vec![second],
            Vec::new(),
        ]);
        // The longer one stands above, whatever it is called.
        let gaps: Vec<usize> = week.iter().map(|day| day.iter().filter(|event| event.gap).count()).collect();
        assert_eq!(gaps, [0, 0, 0, 0]);
        let days =
            vec![vec![entry(0, "a"), entry(1, "b")], vec![entry(0, "a"), entry(1, "b"), entry(2, "c")]];
        let last = vec![entry(2, "c")];
        let week = of_week(days.into_iter().chain([last]).collect());
        assert_eq!(week.last().map(|day| day.iter().filter(|event| event.gap).count()), Some(2));
    }
}
