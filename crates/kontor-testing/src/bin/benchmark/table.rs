//! The figures as a table for people and as JSON for machines.

use serde_json::json;

use crate::load::Load;

/// One line.
#[derive(Debug, Clone)]
pub struct Figure {
    /// What was done.
    pub work: &'static str,
    /// What was measured, with its unit.
    pub value: f64,
    /// Of `value`, `bare` and `budget`.
    pub unit: &'static str,
    /// The same with the bare library.
    pub bare: f64,
    /// What the bare library did.
    pub beside: &'static str,
    /// The promise, and whether more is better.
    pub budget: Budget,
    /// Further words: latency, size.
    pub note: String,
}

/// What is promised.
#[derive(Debug, Clone, Copy)]
pub enum Budget {
    /// At least this much.
    AtLeast(f64),
    /// At most this much.
    AtMost(f64),
    /// At least this share of the bare library.
    Share(f64),
}

impl Figure {
    fn ratio(&self) -> f64 {
        self.value / self.bare
    }

    fn is_kept(&self) -> bool {
        match self.budget {
            Budget::AtLeast(least) => self.value >= least,
            Budget::AtMost(most) => self.value <= most,
            Budget::Share(share) => self.ratio() >= share,
        }
    }

    fn budget_words(&self) -> String {
        match self.budget {
            Budget::AtLeast(least) => format!("≥ {least} {}", self.unit),
            Budget::AtMost(most) => format!("≤ {most} {}", self.unit),
            Budget::Share(share) => format!("≥ {:.0} % of bare", share * 100.0),
        }
    }
}

/// Latency and size of a load in words.
pub fn note(load: &Load) -> String {
    format!(
        "median {:.1} ms, p99 {:.1} ms, {} bytes",
        load.median.as_secs_f64() * 1000.0,
        load.p99.as_secs_f64() * 1000.0,
        load.bytes
    )
}

/// Prints the table and writes the file.
pub fn publish(figures: &[Figure]) {
    println!("| work | Kontor | bare library | ratio | budget | kept | remark |");
    println!("|---|---:|---:|---:|---|---|---|");
    for figure in figures {
        println!(
            "| {} | {:.1} {unit} | {:.1} {unit} ({}) | {:.2} | {} | {} | {} |",
            figure.work,
            figure.value,
            figure.bare,
            figure.beside,
            figure.ratio(),
            figure.budget_words(),
            if figure.is_kept() { "yes" } else { "NO" },
            figure.note,
            unit = figure.unit,
        );
    }
    let lines: Vec<_> = figures
        .iter()
        .map(|figure| {
            json!({ "work": figure.work, "value": figure.value, "unit": figure.unit, "bare": figure.bare,
                    "beside": figure.beside, "ratio": figure.ratio(), "budget": figure.budget_words(),
                    "kept": figure.is_kept(), "note": figure.note })
        })
        .collect();
    let path = kontor_testing::repository::root().join("target/benchmark.json");
    let text = serde_json::to_string_pretty(&json!({ "figures": lines })).expect("JSON");
    match std::fs::write(&path, text) {
        Ok(()) => println!("\nWritten to target/benchmark.json"),
        Err(error) => eprintln!("{}: {error}", path.display()),
    }
}
