//! Names.
/// A name derived from a label.
pub fn derive(label: &str, _taken: impl Fn(&str) -> bool) -> String {
    label.to_owned()
}
