//! autonumber.
use chrono::NaiveDate;
/// The text of a number.
pub fn format(_pattern: &str, _number: i64, _day: NaiveDate) -> String {
    String::new()
}
/// The period whose numbers run on.
pub fn period(_reset: Option<&str>, _day: NaiveDate) -> String {
    String::new()
}
