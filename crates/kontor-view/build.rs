//! Tells cargo that the embedded folders belong to this crate: a file that is added or removed must lead to a new build.

fn main() {
    for folder in ["../../templates/shell", "../../templates/views", "../../templates/assets", "../../locale"]
    {
        println!("cargo::rerun-if-changed={folder}");
    }
}
