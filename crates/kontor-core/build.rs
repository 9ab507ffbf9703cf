//! Rebuilds when a file of the packs that are embedded appears or changes.

fn main() {
    for folder in ["schemas", "scripts", "locale", "examples", "templates", "pack.json"] {
        println!("cargo::rerun-if-changed=../../{folder}");
    }
}
